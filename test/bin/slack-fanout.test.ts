import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import { Api } from "#functions/api";
import { answer } from "#functions/api/problem";
import { createDibsWorld, type DibsWorld, TEAM, TOKEN } from "../functions/dibs-world";
import { eventually } from "../local/laptop";

const cli = join(__dirname, "../../bin/slack-fanout.mjs");

describe("slack-fanout dibs run", () => {
  let world: DibsWorld;
  let stop: () => Promise<void>;
  let server: Server;
  let url: string;
  /** Requests that are answered 503 before any is answered. */
  let outages = 0;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    sinon.stub(console, "log");
    ({ world, stop } = await createDibsWorld());
    await world.putToken();
    const api = new Api(world.dibs, world.tokens, { teamId: TEAM }, createLog("test", {}), () => world.nowMs);
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const [rawPath = "", rawQueryString = ""] = (request.url ?? "").split("?");
      outages -= 1;
      const { statusCode, headers, body } =
        outages >= 0
          ? { statusCode: 503, headers: {}, body: "" }
          : await answer(createLog("test", {}), () =>
              api.handle({
                rawPath,
                rawQueryString,
                headers: request.headers as Record<string, string>,
                body: Buffer.concat(chunks).toString(),
                requestContext: { http: { method: request.method ?? "" } },
              }),
            );
      response.writeHead(statusCode, { ...headers, date: new Date(world.nowMs).toUTCString() }).end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  });
  afterEach(async () => {
    sinon.restore();
    outages = 0;
    for (const child of children.splice(0)) child.kill("SIGKILL");
    server.closeAllConnections();
    server.close();
    await stop();
  });

  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [cli, ...args], {
      env: { ...process.env, SLACK_FANOUT_URL: url, SLACK_FANOUT_TOKEN: TOKEN },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    const said = { out: "", err: "" };
    child.stdout.on("data", chunk => (said.out += chunk));
    child.stderr.on("data", chunk => (said.err += chunk));
    const ended = once(child, "close").then(([code]) => code as number);
    return { child, said, ended };
  };
  const read = async () => (await world.dibs.look({ team: TEAM, name: "staging" }, new Deadline(5000)))?.claims.map(({ owner }) => owner);
  const node = (script: string) => ["--", process.execPath, "-e", script];

  it("runs the command during its turn, releases, and exits as it does", async () => {
    const { said, ended } = start(
      "dibs",
      "run",
      "staging",
      "--for",
      "30m",
      "--owner",
      "ci 7",
      ...node("console.log(process.env.DIBS_FENCING, process.env.DIBS_RESOURCE); process.exit(3)"),
    );
    expect(await ended).to.equal(3);
    expect(said.out).to.equal("1 staging\n");
    expect(await read()).to.deep.equal([]);
  });

  it("waits for its turn, and asks again while the API is away", async () => {
    const first = await world.dibs.claim(
      { team: TEAM, name: "staging", id: "someone-elses-id", owner: "U0002", isPersonal: true, maker: "U0002", forSeconds: 600 },
      false,
      new Deadline(5000),
    );
    expect(first.is).to.equal("in");
    outages = 1;
    const { said, ended } = start("dibs", "run", "staging", ...node("console.log('mine', process.env.DIBS_FENCING)"));
    await eventually(() => said.err.includes("number 1 in line"));
    await world.dibs.move({ team: TEAM, name: "staging" }, { do: "release", whose: { owner: "U0002" } }, new Deadline(5000));
    expect(await ended).to.equal(0);
    expect(said.out).to.equal("mine 2\n");
  });

  it("gives up when its turn does not come in time, and leaves the queue", async () => {
    await world.dibs.claim(
      { team: TEAM, name: "staging", id: "someone-elses-id", owner: "U0002", isPersonal: true, maker: "U0002", forSeconds: 600 },
      false,
      new Deadline(5000),
    );
    const { ended } = start("dibs", "run", "staging", "--wait", "1s", ...node("console.log('never')"));
    expect(await ended).to.equal(75);
    expect(await read()).to.deep.equal(["U0002"]);
  });

  it("hands a signal to the command, and releases", async () => {
    const { child, said, ended } = start("dibs", "run", "staging", ...node("console.log('begun'); setInterval(() => {}, 1000)"));
    await eventually(() => said.out.includes("begun"));
    child.kill("SIGTERM");
    expect(await ended).to.equal(143);
    expect(await read()).to.deep.equal([]);
  });

  it("leaves the queue on a signal while it waits", async () => {
    await world.dibs.claim(
      { team: TEAM, name: "staging", id: "someone-elses-id", owner: "U0002", isPersonal: true, maker: "U0002", forSeconds: 600 },
      false,
      new Deadline(5000),
    );
    const { child, said, ended } = start("dibs", "run", "staging", ...node("console.log('never')"));
    await eventually(() => said.err.includes("number 1 in line"));
    child.kill("SIGINT");
    expect(await ended).to.equal(130);
    expect(await read()).to.deep.equal(["U0002"]);
    expect(said.out).to.equal("");
  });

  it("ends the command when the turn is lost", async () => {
    const { said, ended } = start(
      "dibs",
      "run",
      "staging",
      "--dead-after",
      "2s",
      ...node("console.log('begun'); setInterval(() => {}, 1000)"),
    );
    await eventually(() => said.out.includes("begun"));
    await world.dibs.move({ team: TEAM, name: "staging" }, { do: "kick", owner: "U0001", by: "U0002" }, new Deadline(5000));
    expect(await ended).to.equal(75);
    expect(said.err).to.include("the command is ended");
  });

  it("ends the command when the turn is over, and not only at the next heartbeat", async () => {
    // Five hours lie between such heartbeats.
    const turn = ["--for", "2s", "--dead-after", "20h"];
    const { said, ended } = start("dibs", "run", "staging", ...turn, ...node("console.log('begun'); setInterval(() => {}, 1000)"));
    await eventually(() => said.out.includes("begun"));
    world.nowMs += 2000;
    expect(await ended).to.equal(75);
    expect(said.err).to.include("the command is ended");
  });

  const wrong: [title: string, args: string[]][] = [
    ["nothing", []],
    ["no command", ["dibs", "run", "staging"]],
    ["an unknown option", ["dibs", "run", "staging", "--fro", "1h", "--", "true"]],
    ["a time that is none", ["dibs", "run", "staging", "--wait", "soon", "--", "true"]],
  ];
  for (const [title, args] of wrong) {
    it(`explains itself when it is called with ${title}`, async () => {
      const { said, ended } = start(...args);
      expect(await ended).to.equal(64);
      expect(said.err).to.not.equal("");
    });
  }

  it("quotes what the API refuses", async () => {
    const { said, ended } = start("dibs", "run", "staging", "--for", "400d", "--", "true");
    expect(await ended).to.equal(64);
    expect(said.err).to.include("30 days at most");
  });

  it("refuses an address that is none at once", async () => {
    url = "api.example.com";
    const { said, ended } = start("dibs", "run", "staging", "--", "true");
    expect(await ended).to.equal(64);
    expect(said.err).to.include('SLACK_FANOUT_URL is "api.example.com"');
  });

  for (const args of [["--help"], ["dibs", "run", "-h"], ["help"]]) {
    it(`helps whoever says ${args.join(" ")}`, async () => {
      const { said, ended } = start(...args);
      expect(await ended).to.equal(0);
      expect(said.out).to.include("--dead-after TIME");
    });
  }

  it("leaves --help to the command", async () => {
    const { said, ended } = start("dibs", "run", "staging", "--", process.execPath, "-p", "process.argv.slice(1)", "--", "--help");
    expect(await ended).to.equal(0);
    expect(said.out).to.include("[ '--help' ]");
  });

  it("does not wait a minute for an API that is away when it is ended by a signal", async () => {
    outages = 60;
    const { child, ended } = start("dibs", "run", "staging", "--", "true");
    await eventually(() => outages < 60);
    child.kill("SIGINT");
    expect(await ended).to.equal(69);
    expect(outages).to.be.above(0);
  });
});
