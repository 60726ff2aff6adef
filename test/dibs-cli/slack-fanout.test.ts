import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Worker } from "node:worker_threads";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import { Api } from "#functions/api";
import { answer } from "#functions/api/problem";
import { createDibsWorld, type DibsWorld, TEAM, TOKEN } from "../functions/dibs/world";

const cli = join(__dirname, "../../packages/dibs-cli/slack-fanout.mjs");

describe("slack-fanout dibs run", () => {
  let world: DibsWorld;
  let stop: () => Promise<void>;
  let server: Server;
  let url: string;
  /** The number of first requests that are answered with 503. */
  let outages = 0;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    sinon.stub(console, "log");
    ({ world, stop } = await createDibsWorld());
    await world.putToken();
    const api = new Api({ ...world, settings: { teamId: TEAM, dibsDefault: 3600 }, log: createLog("test", {}), nowMs: () => world.nowMs });
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

  const start = (...args: string[]) =>
    watch(spawn(process.execPath, [cli, ...args], { env: environment(), stdio: ["ignore", "pipe", "pipe"] }));
  /** Like `start`, but in a thread: half the CPU time, no signals, and the command that it runs writes to this process's output. */
  const run = async (args: string[], env: NodeJS.ProcessEnv = environment()) => {
    const thread = new Worker(cli, { argv: args, env, execArgv: [], stdout: true, stderr: true });
    const said = { out: "", err: "" };
    thread.stdout.on("data", chunk => (said.out += chunk));
    thread.stderr.on("data", chunk => (said.err += chunk));
    const [code] = (await once(thread, "exit")) as [number];
    return { said, code };
  };
  const environment = () => ({ ...process.env, SLACK_FANOUT_URL: url, SLACK_FANOUT_TOKEN: TOKEN });
  const watch = <Child extends ChildProcess & { stdout: Readable; stderr: Readable }>(child: Child) => {
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

  it("waits for its turn, and repeats requests while the API is unreachable", async () => {
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

  it("passes a signal on to the command, and releases the turn", async () => {
    const { child, said, ended } = start("dibs", "run", "staging", ...node("console.log('begun'); setInterval(() => {}, 1000)"));
    await eventually(() => said.out.includes("begun"));
    child.kill("SIGTERM");
    expect(await ended).to.equal(143);
    expect(await read()).to.deep.equal([]);
  });

  describe("Ctrl-C", () => {
    /** Prints each SIGINT. Half a second after the last of `times`, prints how many there were. */
    const count = (times: number) => `
      let count = 0;
      const say = () => { console.log("got " + count); process.exit(0); };
      process.on("SIGINT", () => { console.log("SIGINT " + ++count); if (count === ${times}) setTimeout(say, 500); });
      console.log("begun"); setInterval(() => {}, 1000);`;

    /** Runs the CLI in its own terminal. What is written to the child's stdin is typed there. */
    const startAtTerminal = (...args: string[]) => {
      // Without exec, the shell (dash) gets Ctrl-C too, and ends by it, whatever the CLI's exit code.
      const command = `exec ${[process.execPath, cli, ...args].map(part => `'${part}'`).join(" ")}`;
      return watch(spawn("script", ["-qec", command, "/dev/null"], { env: environment(), stdio: ["pipe", "pipe", "pipe"] }));
    };

    /** Waits until the process has received every signal, because the system merges a signal with an equal one that is still pending. */
    const hasNonePending = (pid: number) => eventually(() => /^ShdPnd:\s*0+$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));

    it("to the process group reaches the command once, without a terminal", async () => {
      const command = ["dibs", "run", "staging", ...node(count(1))];
      const options = { env: environment(), stdio: ["ignore", "pipe", "pipe"], detached: true } as const;
      const { child, said, ended } = watch(
        spawn(process.execPath, [cli, ...command], options as typeof options & { stdio: ["ignore", "pipe", "pipe"] }),
      );
      await eventually(() => said.out.includes("begun"));
      process.kill(-child.pid!, "SIGINT");
      expect(await ended).to.equal(0);
      expect(said.out).to.include("got 1");
    });

    it("at a terminal reaches the command once, and again for a second one", async () => {
      for (const times of [1, 2]) {
        const { child, said, ended } = startAtTerminal("dibs", "run", "staging", ...node(count(times)));
        await eventually(() => said.out.includes("begun"));
        child.stdin.write("\x03");
        if (times === 2) {
          await eventually(() => said.out.includes("SIGINT 1"));
          child.stdin.write("\x03");
        }
        await ended;
        expect(said.out).to.include(`got ${times}`);
      }
    });

    it("at a terminal differs from a signal to the process alone, which is passed on", async () => {
      const script = `let count = 0;
        process.on("SIGINT", () => console.log("SIGINT " + ++count));
        process.on("SIGTERM", () => process.exit(count));
        console.log("begun " + process.ppid); setInterval(() => {}, 1000);`;
      const { child, said, ended } = startAtTerminal("dibs", "run", "staging", ...node(script));
      const pid = await eventually(() => Number(/begun (\d+)/.exec(said.out)?.[1]));
      child.stdin.write("\x03");
      await eventually(() => said.out.includes("SIGINT 1"));
      await hasNonePending(pid);
      process.kill(pid, "SIGINT");
      await eventually(() => said.out.includes("SIGINT 2"));
      child.stdin.write("\x03");
      await eventually(() => said.out.includes("SIGINT 3"));
      process.kill(pid, "SIGTERM");
      expect(await ended).to.equal(3);
      expect(await read()).to.deep.equal([]);
    });
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
    expect(said.err).to.include("ending the command");
  });

  it("ends the command as soon as the turn is over, not only at the next heartbeat", async () => {
    // Five hours lie between such heartbeats.
    const turn = ["--for", "2s", "--dead-after", "20h"];
    const { said, ended } = start("dibs", "run", "staging", ...turn, ...node("console.log('begun'); setInterval(() => {}, 1000)"));
    await eventually(() => said.out.includes("begun"));
    world.nowMs += 2000;
    expect(await ended).to.equal(75);
    expect(said.err).to.include("ending the command");
  });

  it("accepts options in any form, and ignores empty ones", async () => {
    const { said, code } = await run([
      ...["dibs", "run", "--for=30m", "staging", "--reason", "", "--owner=", "--wait", "1h30m", "--dead-after=2 minutes"],
      ...["--", "true"],
    ]);
    expect(code, said.err).to.equal(0);
  });

  it("reads times as the API does, and a token with a line break at its end", async () => {
    const asked: unknown[] = [];
    server.prependListener("request", async request => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (request.method === "POST") asked.push(JSON.parse(Buffer.concat(chunks).toString()).deadAfter);
    });
    const times = ["1m30s", "1 minute and 30 seconds", "an hour and a half", "1h30", ".5h", "forty-five min."];
    for (const time of times) {
      const env = { ...environment(), SLACK_FANOUT_TOKEN: `${TOKEN}\n` };
      const { code } = await run(["dibs", "run", "staging", "--dead-after", time, "--wait", time, "--", "true"], env);
      expect(code, time).to.equal(0);
    }
    expect(asked).to.deep.equal([90, 90, 5400, 5400, 1800, 2700]);
  });

  it("holds an open turn until the command ends, and does not mistake a proxy's page for a lost turn", async () => {
    const held = { claimId: "c1", status: "holding", leaseId: "l1", fencing: 1, expiresAt: null };
    let beats = 0;
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      if (request.method === "DELETE") response.writeHead(204).end();
      else if (request.method === "POST") response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(held));
      else response.writeHead(++beats === 1 ? 404 : 409, { "content-type": "text/html" }).end("<html>");
    });
    const { child, said, ended } = start(
      ...["dibs", "run", "staging", "--for", "open", "--dead-after", "1s"],
      ...node(
        "console.log('end', JSON.stringify(process.env.DIBS_EXPIRES_AT)); process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000)",
      ),
    );
    await eventually(() => beats > 2);
    child.kill("SIGTERM");
    expect(await ended, said.err).to.equal(7);
    expect(said.out).to.equal('end ""\n');
    expect(said.err).to.include("holding staging until the command ends").and.include("404 with text/html");
  });

  it("shortens a reason that is too long, rather than stop a deployment", async () => {
    const look = `fetch(process.env.SLACK_FANOUT_URL + "/resources/staging", { headers: { authorization: "Bearer " + process.env.SLACK_FANOUT_TOKEN } })
      .then(response => response.json()).then(({ holder }) => console.log(holder.reason))`;
    const { said, ended } = start("dibs", "run", "staging", "--reason", "é".repeat(250), ...node(look));
    expect(await ended, said.err).to.equal(0);
    expect(said.out).to.equal(`${"é".repeat(197)}...\n`);
  });

  it("exits like a shell if the command can't be executed or is not found", async () => {
    expect(await run(["dibs", "run", "staging", "--", join(__dirname, "slack-fanout.test.ts")])).to.include({ code: 126 });
    expect(await run(["dibs", "run", "staging", "--", "no-such-command"])).to.include({ code: 127 });
  });

  describe("an answer that is not the API's", () => {
    const answers: [what: string, status: number, headers: Record<string, string>, body: string, said: string][] = [
      ["a page", 200, { "content-type": "text/html" }, "<html>", "answers 200 with text/html"],
      ["JSON of another kind", 200, { "content-type": "application/json" }, "[]", "answers 200 with application/json"],
      ["broken JSON", 201, { "content-type": "application/json" }, "{", "answers 201 with application/json"],
      ["nothing", 200, {}, "", "answers 200 with no content type"],
      ["a redirect", 302, { location: "http://127.0.0.1:9/" }, "", "answers 302"],
      ["a page that is not there", 404, { "content-type": "text/html" }, "<html>", "answers 404 with text/html"],
    ];
    for (const [what, status, headers, body, sentence] of answers) {
      it(`is reported in a sentence: ${what}`, async () => {
        server.removeAllListeners("request");
        server.on("request", (_, response) => response.writeHead(status, headers).end(body));
        const { said, code } = await run(["dibs", "run", "staging", "--", "true"]);
        expect(code).to.equal(69);
        expect(said.err)
          .to.include(sentence)
          .and.not.match(/^\s+at /m);
      });
    }
  });

  for (const name of ["feature/foo", "#x", "a b", "x".repeat(65), ".x"]) {
    it(`refuses the name ${JSON.stringify(name)} with the rule for names, and sends no request`, async () => {
      server.removeAllListeners("request");
      const { said, code } = await run(["dibs", "run", name, "--", "true"]);
      expect(code).to.equal(64);
      expect(said.err).to.include(`"${name}" can't be the name of a resource`);
    });
  }

  it("prints the version of its package", async () => {
    const { version } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as { version: string };
    const { said, code } = await run(["--version"]);
    expect(code).to.equal(0);
    expect(said.out).to.equal(`slack-fanout ${version}\n`);
  });

  const wrong: [title: string, args: string[]][] = [
    ["no time at all", ["dibs", "run", "staging", "--wait", "0s", "--", "true"]],
    ["the reserved name", ["dibs", "run", "all", "--", "true"]],
    ["an option without a value", ["dibs", "run", "staging", "--for"]],
    ["times that are none", ["dibs", "run", "staging", "--wait", "1h30x", "--", "true"]],
    ["nothing", []],
    ["no command", ["dibs", "run", "staging"]],
    ["an unknown option", ["dibs", "run", "staging", "--fro", "1h", "--", "true"]],
    ["an invalid time", ["dibs", "run", "staging", "--wait", "soon", "--", "true"]],
  ];
  for (const [title, args] of wrong) {
    it(`prints its usage when it is called with ${title}`, async () => {
      const { said, code } = await run(args);
      expect(code).to.equal(64);
      expect(said.err).to.not.equal("");
    });
  }

  it("quotes what the API refuses", async () => {
    const { said, code } = await run(["dibs", "run", "staging", "--for", "400d", "--", "true"]);
    expect(code).to.equal(64);
    expect(said.err).to.include("30 days at most");
  });

  it("refuses an invalid address at once", async () => {
    url = "api.example.com";
    const { said, code } = await run(["dibs", "run", "staging", "--", "true"]);
    expect(code).to.equal(64);
    expect(said.err).to.include('SLACK_FANOUT_URL is "api.example.com"');
  });

  for (const args of [["--help"], ["dibs", "run", "-h"], ["help"]]) {
    it(`shows help for ${args.join(" ")}`, async () => {
      const { said, code } = await run(args);
      expect(code).to.equal(0);
      expect(said.out).to.include("--dead-after TIME");
    });
  }

  it("leaves --help to the command", async () => {
    const { said, ended } = start("dibs", "run", "staging", "--", process.execPath, "-p", "process.argv.slice(1)", "--", "--help");
    expect(await ended).to.equal(0);
    expect(said.out).to.include("[ '--help' ]");
  });

  it("does not wait a minute for an unreachable API after a signal", async () => {
    outages = 60;
    const { child, ended } = start("dibs", "run", "staging", "--", "true");
    await eventually(() => outages < 60);
    child.kill("SIGINT");
    expect(await ended).to.equal(69);
    expect(outages).to.be.above(0);
  });
});
