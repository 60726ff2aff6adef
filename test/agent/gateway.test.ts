import { randomUUID } from "node:crypto";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { restore, stub } from "sinon";
import { LIMITS } from "#core/agent/model-file";
import type { ToolName } from "#core/agent/tools";
import { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import type { HttpResponse } from "#functions/door";
import { BedrockBrain } from "../../agent/brains/bedrock";
import { ScriptedBrain } from "../../agent/brains/scripted";
import { Progress } from "../../agent/progress";
import { GatewayTools } from "../../agent/tools";
import { type GatewayWorld, TOKEN, useGatewayWorld } from "../functions/gateway/world";
import { send, useHosts } from "../stores/slack/file-host";
import { say, startBedrock } from "./fake-bedrock";
import { runThrough } from "./run-through";

/** The worker and the gateway are tested separately elsewhere; this test connects them. */
describe("worker and gateway", () => {
  let world: GatewayWorld;
  useGatewayWorld(made => {
    world = made;
  });
  beforeEach(() => {
    // The gateway's log.
    stub(console, "log");
    stub(console, "error");
  });
  afterEach(() => restore());

  const host = useHosts();

  const createTools = (approvals: ToolName[] = []) => {
    const gateway = world.createGateway(world.createToolbox({ approvals }));
    const fetchGateway = async (_: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
      const event = {
        requestContext: { http: { method: init.method ?? "GET" } },
        headers: Object.fromEntries(new Headers(init.headers)),
        body: String(init.body ?? ""),
        isBase64Encoded: false,
      };
      const { statusCode, headers, body } = (await gateway.handle(event, {})) as HttpResponse;
      return new Response(body === "" ? null : body, { status: statusCode, headers });
    };
    return new GatewayTools({ url: "https://gateway.invalid/mcp", token: TOKEN }, createLog("test", {}), () => world.nowMs, fetchGateway);
  };

  it("work together with every tool of the scripted brain", async () => {
    const task = await world.createTask(randomUUID());
    const text = [
      "post hello",
      "report words",
      "card Milk",
      "canvas Plan: milk",
      `claim ${task.id.slice(0, 8)} for 2h`,
      `release ${task.id.slice(0, 8)}`,
    ].join("\n");
    const tools = createTools().bind(task.id, { onWaiting: () => {} });
    const { answer } = await runThrough(new ScriptedBrain(() => world.nowMs), { ...task, text }, tools);

    expect(answer.split("\n").map(line => line.split(/[ :]/)[0])).to.deep.equal([
      "Posted",
      "Reported",
      "Made",
      "Made",
      "Claimed",
      "Released",
    ]);
    expect(answer).to.include("(holding)");
  });

  it("give the model a picture that was shared in the thread, as large as a model takes", async () => {
    const bytes = Buffer.alloc(LIMITS.picture.bytes, "x");
    Buffer.from("89504e470d0a1a0a0000000d4948445200000280000001e0", "hex").copy(bytes);
    const { origin } = await host(send(bytes));
    world.fileOrigins.push(origin);
    const ts = "1763805600.000300";
    const file = { id: "F0001", name: "lunch.png", mimetype: "image/png", size: bytes.length, url: `${origin}/lunch.png` };
    const task = await world.createTask(`T0001-C0001-${ts}`, [file]);
    const bedrock = await startBedrock();
    try {
      bedrock.answers.push(say("Yummy."));
      const brain = new BedrockBrain({
        client: bedrock.client,
        settings: { modelId: "model:1", prompt: "", maxTokens: 4096, tokensPerTask: 0 },
        budget: { tokensPerDay: 0, isUsedUp: async () => false, add: async () => {} },
        log: createLog("test", {}),
      });
      const tools = createTools();
      const { files } = await tools.readConversation(task.id, new AbortController().signal);
      await runThrough(brain, { ...task, files }, tools.bind(task.id, { onWaiting: () => {} }));

      const [text, label, picture] = bedrock.asked[0]!.body.messages[0]!.content;
      expect(text!["text"]).to.include("lunch.png (image/png, 3750000 bytes): given as Picture 1");
      expect(label).to.deep.equal({ text: "Picture 1:" });
      expect(picture).to.deep.equal({ image: { format: "png", source: { bytes: bytes.toString("base64") } } });
      expect(await world.audit(task.id)).to.include("read_file ok");
    } finally {
      await bedrock.stop();
    }
  });

  it("do a call once per key, and name the rule that refuses one", async () => {
    const task = await world.createTask(randomUUID());
    const tools = createTools().bind(task.id, { onWaiting: () => {} });
    const { signal } = new AbortController();
    const [first, second] = [
      await tools.call("post_to_slack", { text: "hello" }, { signal, key: "step-0001" }),
      await tools.call("post_to_slack", { text: "hello" }, { signal, key: "step-0001" }),
    ];

    expect(first).to.include({ ok: true });
    expect(second).to.deep.equal(first);
    expect(world.slack.messages).to.have.length(1);
    expect(await tools.call("post_to_slack", { text: "hello", channel: "C0009" }, { signal, key: "step-0002" })).to.include({
      ok: false,
      rule: "channel",
    });
    expect(await tools.call("post_to_slack", { words: 1 }, { signal, key: "step-0003" })).to.include({ ok: false, rule: "arguments" });
  });

  it("wait for approval, and then go on", async () => {
    const task = await world.createTask(randomUUID());
    const waiting: boolean[] = [];
    const tools = createTools(["create_trello_card"]).bind(task.id, { onWaiting: isWaiting => waiting.push(isWaiting) });
    const calling = tools.call("create_trello_card", { name: "Milk" }, { signal: AbortSignal.timeout(10_000), key: "step-0001" });
    await eventually(() => waiting.length > 0);
    // The approval comes an hour later.
    await world.approvals.decide(
      { task: task.id, key: "step-0001" },
      { decision: "approved", by: "U0002" },
      world.nowMs,
      new Deadline(5000),
    );
    world.nowMs += 3_600_000;
    const outcome = await calling;

    expect(outcome).to.include({ ok: true });
    expect(waiting).to.deep.equal([true, false]);
  });

  it("show a task's progress and how it ended", async () => {
    const task = await world.createAsk(randomUUID());
    const progress = new Progress(
      task.id,
      { tools: createTools(), log: createLog("test", {}), nowMs: () => world.nowMs },
      AbortSignal.timeout(10_000),
    );
    progress.setStep(1, { label: "Sleep 2 h", state: "processing" });
    await progress.settle("processing");
    world.nowMs += 3000;
    progress.endStep("stopped");
    await progress.settle("stopped", "Stopped on request.");

    expect(world.slack.messages).to.have.length(1);
    expect(JSON.stringify(world.slack.messages[0])).to.include("Stopped").and.include("Sleep 2 h");
    expect(await world.tasks.read(task.id)).to.have.property("threadTs", world.slack.messages[0]?.ts);
  });
});
