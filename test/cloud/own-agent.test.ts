/** An agent of your own: the Python example as a process, called as on AgentCore Runtime. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { TOOL_NAMES } from "#core/agent/tools";
import { LaptopProcess, postOf } from "./laptop-process";

const ARN = "arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/my_agent-a1B2c3D4e5";
/** After a function is killed, its message stays hidden and its lease valid for two minutes. */
const heldSeconds = 120;
/** Several functions start for the first time. */
const patienceMs = 90_000;

/** Without Python, a process that speaks the same contract. */
const [command, file] =
  spawnSync("python3", ["--version"]).status === 0
    ? ["python3", join(__dirname, "../../examples/python-agent/agent.py")]
    : [process.execPath, join(__dirname, "own-agent.cjs")];

interface Asked {
  turn: string;
  text: string;
  isGone: boolean;
}

describe("an agent of your own", () => {
  let laptop: LaptopProcess;
  let runtime: Server;
  let agent: ChildProcess;
  const asked: Asked[] = [];
  /** The agent's answers are passed on when this resolves. */
  let held: Promise<void> = Promise.resolve();
  let release = () => {};

  before(async () => {
    let agentUrl = "";
    // Stands between both, to see and delay what passes.
    runtime = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const each = { ...(JSON.parse(body.toString()) as Asked), isGone: false };
      asked.push(each);
      response.once("close", () => {
        each.isGone = !response.writableFinished;
      });
      const answer = await fetch(`${agentUrl}${request.url}`, { method: "POST", body, headers: { "content-type": "application/json" } });
      await held;
      response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
    });
    runtime.listen(0, "127.0.0.1");
    await once(runtime, "listening");
    const address = `http://127.0.0.1:${(runtime.address() as AddressInfo).port}`;
    laptop = await LaptopProcess.create();
    const settings = ["features=", "agent=agentcore", `agentRuntimeArn=${ARN}`].flatMap(setting => ["--config", setting]);
    await laptop.start(...settings, "--runtime", `${ARN}=${address}`);
    agent = spawn(command, [file], {
      env: { ...process.env, PORT: "0", MCP_URL: laptop.endpoints.outputs["mcpUrl"], MCP_TOKEN: "local-agent-token" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [line] = (await once(createInterface(agent.stdout!), "line")) as [string];
    agentUrl = `http://127.0.0.1:${/port (\d+)/.exec(line)?.[1]}`;
  });
  after(async () => {
    agent?.kill();
    await laptop?.remove();
    runtime?.closeAllConnections();
    runtime?.close();
  });

  /** Holds back the agent's answers until the returned function is called, or the test ends. */
  const hold = () => {
    held = new Promise(resolve => {
      release = resolve;
    });
    return release;
  };
  afterEach(() => release());
  const say = async (text: string, threadTs?: string): Promise<string> => {
    const response = await fetch(`${laptop.endpoints.slack}/say`, postOf({ user: "U0001", channel: "D0001", text, threadTs }));
    return ((await response.json()) as { ts: string }).ts;
  };
  const textsOf = async (ts: string): Promise<string[]> => {
    const { messages } = (await (await fetch(`${laptop.endpoints.slack}/messages?channel=D0001`)).json()) as {
      messages: { user: string; thread_ts?: string; text: string }[];
    };
    return messages.filter(({ user, thread_ts }) => user === "UBOT01" && thread_ts === ts).map(({ text }) => text);
  };
  /** A request that no earlier try of the test has made. */
  const unique = () => `request ${asked.length}`;
  const turnOf = (text: string) => asked.filter(each => each.text === text);

  it("answers in the thread, and knows what was said there before", async () => {
    const ts = await say("one");
    await eventually(async () => (await textsOf(ts)).includes("Done: one"), patienceMs);
    expect(await textsOf(ts)).to.have.members(["Done: one", "No words yet.", "You asked: one. Messages before it: 0."]);
    await say("two", ts);
    await eventually(async () => (await textsOf(ts)).includes("You asked: two. Messages before it: 2."), patienceMs);
    expect(((await laptop.control("permissions")) as { denials: unknown[] }).denials).to.deep.equal([]);
  });

  it("gets the same turn again after its caller was killed, and everything appears once", async () => {
    const release = hold();
    const text = unique();
    const ts = await say(text);
    const first = await eventually(() => turnOf(text)[0], patienceMs);
    const calls = ((await laptop.control("calls")) as { function: string | null; invocation: string }[]).filter(
      each => each.function === "agent-caller",
    );
    // The invocation that waits makes about one call a second.
    const call = calls.filter(({ invocation }) => invocation === calls.at(-1)!.invocation).length + 3;
    await laptop.control("weather", { kill: { function: "agent-caller", call, when: "before" } });
    await eventually(() => first.isGone, patienceMs);
    release();
    await laptop.advance(heldSeconds + 5);
    await laptop.settles(async () => (await textsOf(ts)).includes(`Done: ${text}`));
    expect(await textsOf(ts)).to.have.members([`Done: ${text}`, "No words yet.", `You asked: ${text}. Messages before it: 0.`]);
    expect(turnOf(text).map(({ turn }) => turn)).to.deep.equal([first.turn, first.turn]);
  });

  it("loses its connection when the task is stopped, and its answer is not posted", async () => {
    const release = hold();
    const text = unique();
    const ts = await say(text);
    const first = await eventually(() => turnOf(text)[0], patienceMs);
    await fetch(`${laptop.endpoints.slack}/stop`, postOf({ user: "U0001", channel: "D0001", threadTs: ts }));
    await eventually(() => first.isGone, patienceMs);
    release();
    await eventually(async () => (await textsOf(ts)).includes(`Stopped: ${text}`), patienceMs);
    expect(await textsOf(ts)).to.not.include(`You asked: ${text}. Messages before it: 0.`);
  });

  it("finds the tools for models at the AgentCore Gateway, which calls the gateway's function", async () => {
    const send = async (method: string, params: object) => {
      const response = await fetch(laptop.endpoints.outputs["gatewayUrl"], {
        ...postOf({ jsonrpc: "2.0", id: 1, method, params }),
        headers: {
          "content-type": "application/json",
          authorization:
            "AWS4-HMAC-SHA256 Credential=test/20261129/us-east-1/bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=x",
        },
      });
      return ((await response.json()) as { result: { tools: { name: string }[]; content: { text: string }[] } }).result;
    };
    const offered = (await send("tools/list", {})).tools.map(({ name }) => name.replace("tools___", ""));
    expect(TOOL_NAMES).to.include.members(offered);
    expect(offered).to.include("read_words").and.not.include("report_progress");
    const { content } = await send("tools/call", { name: "tools___read_words", arguments: { limit: 3 } });
    expect(JSON.parse(content[0]!.text)).to.have.property("words").that.is.an("array");
  });
});
