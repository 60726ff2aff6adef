import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import * as esbuild from "esbuild";
import { AgentQueue } from "#stores/agent/queue";
import { createWorker } from "../../agent/worker";
import { buildMessage, startWorkplace, type Workplace } from "./workplace";

/** The gateway in memory behind a socket. */
const listen = async (fetchGateway: (request: Request) => Promise<Response>): Promise<{ server: Server; url: string }> => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const answer = await fetchGateway(
      new Request(`http://127.0.0.1${request.url}`, {
        method: request.method ?? "GET",
        headers: request.headers as Record<string, string>,
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
      }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` };
};

describe("worker", () => {
  describe("as a process", () => {
    let folder: string;
    let place: Workplace;
    let gateway: { server: Server; url: string };
    const children: ChildProcess[] = [];
    before(async () => {
      // Bundled as for its image and run outside the project, so that a module missing from the bundle is not found.
      folder = await mkdtemp(join(tmpdir(), "slack-fanout-worker-"));
      await esbuild.build({
        entryPoints: [join(__dirname, "../../agent/worker.ts")],
        outfile: join(folder, "worker.js"),
        bundle: true,
        minify: true,
        platform: "node",
        format: "cjs",
        target: "node20.19",
        mainFields: ["module", "main"],
        supported: { "dynamic-import": false },
        logLevel: "silent",
      });
      await esbuild.stop();
      place = await startWorkplace({ isFast: false });
      gateway = await listen(request => place.gateway.fetch(request));
    });
    after(async () => {
      for (const child of children) child.kill("SIGKILL");
      gateway.server.closeAllConnections();
      gateway.server.close();
      await place.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const start = (overrides: Record<string, string> = {}) => {
      const child = spawn(process.execPath, ["worker.js"], {
        cwd: folder,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          AWS_ENDPOINT_URL: place.laptop.client.endpoint,
          AWS_REGION: "us-east-1",
          AWS_ACCESS_KEY_ID: "test",
          AWS_SECRET_ACCESS_KEY: "test",
          QUEUE_URL: place.queueUrl,
          TASKS_TABLE: place.table,
          TASKS_PER_USER: "3",
          MCP_URL: gateway.url,
          MCP_TOKEN: "secret",
          BRAIN: "scripted",
          ...overrides,
        },
      });
      children.push(child);
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      return { child, printed: () => printed, exit: once(child, "exit") as Promise<[code: number | null, signal: string | null]> };
    };

    it("hands its task back on SIGTERM, and the next process resumes it and answers once", async () => {
      const message = buildMessage("post one then sleep 3s then post two");
      const first = start();
      await place.say(message);
      await eventually(() => place.gateway.posts(message.id).includes("one"));
      first.child.kill("SIGTERM");
      expect(await first.exit, first.printed()).to.deep.equal([0, null]);
      expect(await place.tasks.read(message.id)).to.include({ state: "waiting" });

      start();
      await eventually(async () => (await place.tasks.read(message.id))?.state === "done");
      await eventually(async () => (await place.countMessages("agent-tasks")) === 0);
      expect(place.gateway.posts(message.id)).to.deep.equal(["one", "two", "Posted: one\nSlept 3 s.\nPosted: two"]);
    });

    it("names a missing variable, and exits", async () => {
      const { exit, printed } = start({ MCP_TOKEN: "" });

      expect(await exit).to.deep.equal([1, null]);
      expect(printed()).to.include("The environment variable MCP_TOKEN is missing.");
    });

    it("serves AgentCore's contract if configured", async () => {
      const { server, url } = await listen(async () => new Response("taken"));
      const port = new URL(url).port;
      server.close();
      await once(server, "close");
      const { child, exit } = start({ AGENT_MODE: "agentcore", PORT: port });
      const ping = await eventually(async () => (await fetch(`http://127.0.0.1:${port}/ping`)).json());
      child.kill("SIGTERM");

      expect(ping).to.have.property("status", "Healthy");
      expect(await exit).to.deep.equal([0, null]);
    });
  });

  describe("settings", () => {
    const whole = {
      TASKS_TABLE: "t",
      TASKS_PER_USER: "3",
      MCP_URL: "http://127.0.0.1/mcp",
      MCP_TOKEN: "x",
      AWS_REGION: "us-east-1",
    };
    const log = { info: () => {}, debug: () => {}, error: () => {} };
    const queue = Object.create(AgentQueue.prototype) as AgentQueue;

    const wrong: [what: string, environment: Record<string, string>, sentence: string][] = [
      ["no number of tasks", { ...whole, TASKS_PER_USER: "many" }, 'TASKS_PER_USER is "many", but must be a whole number from 1.'],
      ["another brain", { ...whole, BRAIN: "lizard" }, 'BRAIN is "lizard", but must be scripted or bedrock.'],
      ["a model without a name", { ...whole, BRAIN: "bedrock" }, "The environment variable MODEL_ID is missing."],
      ["no table", { ...whole, TASKS_TABLE: "" }, "The environment variable TASKS_TABLE is missing."],
    ];
    for (const [what, environment, sentence] of wrong) {
      it(`refuse ${what}`, () => expect(thrownBy(() => createWorker(environment, queue, log))).to.have.property("message", sentence));
    }
  });
});
