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
import { type LaptopProcess, postOf } from "../laptop-process";

const ARN = "arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/my_agent-a1B2c3D4e5";
/** After a function is killed, its message stays hidden and its lease valid for two minutes. */
const heldSeconds = 120;
const beatSeconds = 30;
/** Long, because several functions start for the first time. */
const patienceMs = 90_000;

/** Without Python, a process that speaks the same contract. */
const [command, file] =
  spawnSync("python3", ["--version"]).status === 0
    ? ["python3", join(__dirname, "../../../examples/python-agent/agent.py")]
    : [process.execPath, join(__dirname, "own-agent.cjs")];

interface Call {
  function: string | null;
  invocation: string;
  operation: string;
}

interface Asked {
  turn: string;
  text: string;
  isGone: boolean;
}

/** Runs the agent behind a proxy, which records the laptop's requests and can delay the agent's answers. */
class OwnAgent {
  readonly asked: Asked[] = [];
  #release = () => {};
  /** The proxy passes answers on when this has resolved. */
  #held: Promise<void> = Promise.resolve();
  #url = "";
  #agent: ChildProcess | undefined;
  readonly #runtime: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const each = { ...(JSON.parse(body.toString()) as Asked), isGone: false };
    this.asked.push(each);
    response.once("close", () => {
      each.isGone = !response.writableFinished;
    });
    const answer = await fetch(`${this.#url}${request.url}`, { method: "POST", body, headers: { "content-type": "application/json" } });
    await this.#held;
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });

  /** Starts the proxy. Returns the laptop's arguments for calling it. */
  async listen(): Promise<string[]> {
    this.#runtime.listen(0, "127.0.0.1");
    await once(this.#runtime, "listening");
    const address = `http://127.0.0.1:${(this.#runtime.address() as AddressInfo).port}`;
    return ["--config", "agent=agentcore", "--config", `agentRuntimeArn=${ARN}`, "--runtime", `${ARN}=${address}`];
  }

  async start({ endpoints }: LaptopProcess): Promise<void> {
    this.#agent = spawn(command, [file], {
      env: { ...process.env, PORT: "0", MCP_URL: endpoints.outputs["mcpUrl"], MCP_TOKEN: "local-agent-token" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [line] = (await once(createInterface(this.#agent.stdout!), "line")) as [string];
    this.#url = `http://127.0.0.1:${/port (\d+)/.exec(line)?.[1]}`;
  }

  stop() {
    this.#agent?.kill();
    this.#runtime.closeAllConnections();
    this.#runtime.close();
  }

  /** Holds back the agent's answers until `release`. */
  hold() {
    this.#held = new Promise(resolve => {
      this.#release = resolve;
    });
  }

  release() {
    this.#release();
  }
}

const describeOwnAgent = (laptop: LaptopProcess, agent: OwnAgent) =>
  describe("an agent of your own", () => {
    before(() => agent.start(laptop));
    afterEach(() => agent.release());

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
    const unique = () => `request ${agent.asked.length}`;
    const turnOf = (text: string) => agent.asked.filter(each => each.text === text);

    /** The card, the list of words that the agent posts by a tool, and the answer. */
    const expectOnce = async (ts: string, text: string) => {
      const texts = await textsOf(ts);
      expect(texts)
        .to.have.length(3)
        .and.include.members([`Done: ${text}`, `You asked: ${text}. Messages before it: 0.`]);
      expect(texts.filter(each => /^No words yet\.$|\(\d+\)$/.test(each))).to.have.length(1);
    };

    it("answers in the thread, and knows what was said there before", async () => {
      const ts = await say("one");
      await eventually(async () => (await textsOf(ts)).includes("Done: one"), patienceMs);
      await expectOnce(ts, "one");
      await say("two", ts);
      await eventually(async () => (await textsOf(ts)).includes("You asked: two. Messages before it: 2."), patienceMs);
      expect(((await laptop.control("permissions")) as { denials: unknown[] }).denials).to.deep.equal([]);
    });

    it("gets the same turn again after its caller was killed, and everything appears once", async () => {
      agent.hold();
      const text = unique();
      const ts = await say(text);
      const first = await eventually(() => turnOf(text)[0], patienceMs);
      // The first heartbeat shortens the time for which the message stays hidden to two minutes. Before, it is the function's timeout.
      await laptop.advance(beatSeconds + 1);
      const readCalls = async () => {
        const all = ((await laptop.control("calls")) as Call[]).filter(each => each.function === "agent-caller");
        return all.filter(({ invocation }) => invocation === all.at(-1)?.invocation);
      };
      await eventually(async () => (await readCalls()).some(({ operation }) => operation === "ChangeMessageVisibility"), patienceMs);
      // The waiting invocation makes about one call a second. While all calls are read, it may pass the call at which it is to be killed.
      await eventually(async () => {
        const call = (await readCalls()).length + 3;
        await laptop.control("weather", { kill: { function: "agent-caller", call, when: "before" } });
        return eventually(() => first.isGone, 8000);
      }, patienceMs);
      agent.release();
      await laptop.advance(heldSeconds + 5);
      await laptop.settles(async () => (await textsOf(ts)).includes(`Done: ${text}`));
      await expectOnce(ts, text);
      expect(turnOf(text).map(({ turn }) => turn)).to.deep.equal([first.turn, first.turn]);
    });

    it("loses its connection when the task is stopped, and its answer is not posted", async () => {
      agent.hold();
      const text = unique();
      const ts = await say(text);
      const first = await eventually(() => turnOf(text)[0], patienceMs);
      await fetch(`${laptop.endpoints.slack}/stop`, postOf({ user: "U0001", channel: "D0001", threadTs: ts }));
      await eventually(() => first.isGone, patienceMs);
      agent.release();
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

export { describeOwnAgent, OwnAgent };
