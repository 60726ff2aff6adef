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
    await laptop.start("--config", "agent=agentcore", "--config", `agentRuntimeArn=${ARN}`, "--runtime", `${ARN}=${address}`);
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

  /** Holds back the agent's answers until the returned function is called. */
  const hold = () => {
    let release = () => {};
    held = new Promise(resolve => {
      release = resolve;
    });
    return () => release();
  };
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
  const turnOf = (text: string) => asked.filter(each => each.text === text);

  it("answers in the thread, and knows what was said there before", async () => {
    const ts = await say("one");
    await eventually(async () => (await textsOf(ts)).includes("Done: one"));
    expect(await textsOf(ts)).to.have.members(["Done: one", "No words yet.", "You asked: one. Messages before it: 0."]);
    await say("two", ts);
    await eventually(async () => (await textsOf(ts)).includes("You asked: two. Messages before it: 2."));
    expect(((await laptop.control("permissions")) as { denials: unknown[] }).denials).to.deep.equal([]);
  });

  it("gets the same turn again after its caller was killed, and everything appears once", async () => {
    const release = hold();
    const ts = await say("three");
    await eventually(() => turnOf("three").length === 1);
    const calls = (await laptop.control("calls")) as { function: string | null }[];
    const call = calls.filter(each => each.function === "agent-caller").length + 10;
    await laptop.control("weather", { kill: { function: "agent-caller", call, when: "before" } });
    await eventually(() => turnOf("three")[0]!.isGone, 120_000);
    release();
    await laptop.advance(heldSeconds + 5);
    await laptop.settles(async () => (await textsOf(ts)).some(text => text.startsWith("Done: three")));
    expect(await textsOf(ts)).to.have.members(["Done: three", "No words yet.", "You asked: three. Messages before it: 0."]);
    expect(new Set(turnOf("three").map(({ turn }) => turn))).to.have.property("size", 1);
  });

  it("loses its connection when the task is stopped, and its answer is not posted", async () => {
    const release = hold();
    const ts = await say("four");
    await eventually(() => turnOf("four").length === 1);
    await fetch(`${laptop.endpoints.slack}/stop`, postOf({ user: "U0001", channel: "D0001", threadTs: ts }));
    await eventually(() => turnOf("four")[0]!.isGone);
    release();
    await eventually(async () => (await textsOf(ts)).some(text => text.startsWith("Stopped")));
    expect(await textsOf(ts)).to.not.include("You asked: four. Messages before it: 0.");
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
