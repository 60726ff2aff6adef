import { once } from "node:events";
import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { eventually, rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { EventStreamCodec } from "@smithy/core/event-streams";
import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import type { ToolOutcome, Tools } from "../../../agent/brain";
import { BedrockBrain, type BedrockSettings, MAX_TURNS } from "../../../agent/brains/bedrock";
import { runThrough } from "../run-through";
import { buildMessage, startWorkplace } from "../workplace";

const task: Task = {
  id: "t",
  state: "processing",
  team: "T0001",
  channel: "C0001",
  user: "U0001",
  text: "Greet us.",
  createdAtMs: 0,
  attempts: 1,
};
const NOW_MS = 1_763_805_600_000;

type StreamEvent = [type: string, event: object];

interface Answer {
  status?: number;
  body?: object;
  events?: StreamEvent[];
}

const codec = new EventStreamCodec(
  bytes => Buffer.from(bytes).toString("utf8"),
  text => Buffer.from(text, "utf8"),
);

const encode = (type: string, event: object): Uint8Array =>
  codec.encode({
    headers: {
      ":message-type": { type: "string", value: "event" },
      ":event-type": { type: "string", value: type },
      ":content-type": { type: "string", value: "application/json" },
    },
    body: Buffer.from(JSON.stringify(event)),
  });

interface Asked {
  path: string;
  body: { messages: { role: string; content: Record<string, unknown>[] }[]; toolConfig?: object; system: object[] };
}

/** A fake Bedrock for the stock client: HTTP/2, with the given answers in order. */
const startBedrock = async () => {
  const answers: Answer[] = [];
  const asked: Asked[] = [];
  const server: Http2Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      asked.push({ path: decodeURIComponent(request.url), body: JSON.parse(Buffer.concat(chunks).toString()) });
      const { status = 200, body, events } = answers.shift() ?? { status: 500, body: { message: "no more answers" } };
      response.writeHead(status, {
        "content-type": events === undefined ? "application/json" : "application/vnd.amazon.eventstream",
        ...(status === 429 ? { "x-amzn-errortype": "ThrottlingException" } : {}),
      });
      for (const [type, event] of events ?? []) response.write(encode(type, event));
      response.end(events === undefined ? JSON.stringify(body) : "");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new BedrockRuntimeClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 5,
  });
  const stop = async () => {
    client.destroy();
    server.close();
    await once(server, "close");
  };
  return { client, answers, asked, stop };
};

const end = (stopReason: string, tokens = 0): StreamEvent[] => [
  ["messageStop", { stopReason }],
  ["metadata", { usage: { inputTokens: tokens, outputTokens: tokens, totalTokens: 2 * tokens }, metrics: { latencyMs: 1 } }],
];
const write = (text: string): StreamEvent[] =>
  text.split(/(?<= )/).map(part => ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: part } }]);

const say = (text: string, stopReason = "end_turn", tokens = 0): Answer => ({ events: [...write(text), ...end(stopReason, tokens)] });
const use = (...calls: [id: string, name: string, input: object][]): Answer => ({
  events: [
    ...write("I will."),
    ...calls.flatMap(([toolUseId, name, input], index): StreamEvent[] => [
      ["contentBlockStart", { contentBlockIndex: index + 1, start: { toolUse: { toolUseId, name } } }],
      ["contentBlockDelta", { contentBlockIndex: index + 1, delta: { toolUse: { input: JSON.stringify(input).slice(0, 5) } } }],
      ["contentBlockDelta", { contentBlockIndex: index + 1, delta: { toolUse: { input: JSON.stringify(input).slice(5) } } }],
    ]),
    ...end("tool_use"),
  ],
});

describe("bedrock", () => {
  let bedrock: Awaited<ReturnType<typeof startBedrock>>;
  let called: unknown[];
  let outcome: ToolOutcome;
  const tools: Tools = {
    list: async () => [
      {
        name: "post_to_slack",
        description: "Posts.",
        inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
      },
    ],
    call: async (name, args, { key }) => {
      called.push([name, args, key]);
      return outcome;
    },
  };
  beforeEach(async () => {
    bedrock = await startBedrock();
    called = [];
    outcome = { ok: true, result: { ts: "1.000002" } };
  });
  afterEach(() => bedrock.stop());

  const budget = { tokensPerDay: 0, isUsedUp: async () => false, add: async () => {} };
  const createBrain = (over: Partial<BedrockSettings> = {}, nowMs = () => NOW_MS) =>
    new BedrockBrain({
      client: bedrock.client,
      settings: { modelId: "model:1", prompt: "", maxTokens: 4096, tokensPerTask: 0, ...over },
      budget,
      log: { info: () => {} },
      nowMs,
    });

  it("answers with the model's last text", async () => {
    bedrock.answers.push(say("Hello!"));
    const { answer, labels } = await runThrough(createBrain(), task, tools);

    expect(answer).to.equal("Hello!");
    expect(labels).to.deep.equal(["Look at the tools", "Think (1)"]);
    const [{ path, body } = { path: "", body: undefined }] = bedrock.asked;
    expect(path).to.equal("/model/model:1/converse-stream");
    expect(body?.messages).to.deep.equal([{ role: "user", content: [{ text: "Today is 2025-11-22 (UTC). The task:\nGreet us." }] }]);
    expect(body?.toolConfig).to.deep.equal({
      tools: [
        {
          toolSpec: {
            name: "post_to_slack",
            description: "Posts.",
            inputSchema: { json: (await tools.list(AbortSignal.abort()))[0]!.inputSchema },
          },
        },
      ],
    });
  });

  it("calls the tools that the model asks for, each as a step, and returns their results to it", async () => {
    bedrock.answers.push(use(["a", "post_to_slack", { text: "one" }], ["b", "post_to_slack", { text: "two" }]), say("Done."));
    const { answer, labels } = await runThrough(createBrain(), task, tools);

    expect(answer).to.equal("I will.\n\nDone.");
    expect(labels).to.deep.equal(["Look at the tools", "Think (1)", "Call post_to_slack", "Call post_to_slack", "Think (2)"]);
    expect(called).to.deep.equal([
      ["post_to_slack", { text: "one" }, "step-0003"],
      ["post_to_slack", { text: "two" }, "step-0004"],
    ]);
    const [, said, results] = bedrock.asked[1]!.body.messages;
    expect(said?.content).to.deep.equal([
      { text: "I will." },
      { toolUse: { toolUseId: "a", name: "post_to_slack", input: { text: "one" } } },
      { toolUse: { toolUseId: "b", name: "post_to_slack", input: { text: "two" } } },
    ]);
    expect(results).to.deep.equal({
      role: "user",
      content: ["a", "b"].map(toolUseId => ({ toolResult: { toolUseId, content: [{ text: '{"ts":"1.000002"}' }], status: "success" } })),
    });
  });

  it("tells the model which rule refused a call", async () => {
    outcome = { ok: false, rule: "channel", message: "C0009 is not allowed." };
    bedrock.answers.push(use(["a", "post_to_slack", { text: "one", channel: "C0009" }]), say("I may not."));
    await runThrough(createBrain(), task, tools);

    expect(bedrock.asked[1]?.body.messages[2]?.content).to.deep.equal([
      { toolResult: { toolUseId: "a", content: [{ text: "channel: C0009 is not allowed." }], status: "error" } },
    ]);
  });

  it("resumes from checkpoints without calling the model or a tool again", async () => {
    bedrock.answers.push(use(["a", "post_to_slack", { text: "one" }]), say("Done."));
    const { outputs } = await runThrough(createBrain(), task, tools);
    called = [];
    const asked = bedrock.asked.splice(0);
    bedrock.answers.push(say("Done again."));
    const { answer } = await runThrough(createBrain(), task, tools, outputs.slice(0, 3));

    expect(answer).to.equal("I will.\n\nDone again.");
    expect(called).to.deep.equal([]);
    expect(bedrock.asked).to.deep.equal([asked[1]]);
  });

  const failures: [stopReason: string, sentence: RegExp][] = [
    ["max_tokens", /cut off after 4096 tokens/],
    ["guardrail_intervened", /guardrail/i],
    ["content_filtered", /filtered/],
    ["tool_use", /called none/],
  ];
  for (const [stopReason, sentence] of failures) {
    it(`fails with a sentence for ${stopReason}`, async () => {
      bedrock.answers.push(say("Hel", stopReason));

      expect(String(await rejectionOf(runThrough(createBrain(), task, tools)))).to.match(sentence);
    });
  }

  it("shows the answer as it comes, below what was said before", async () => {
    bedrock.answers.push(use(["a", "post_to_slack", { text: "one" }]), say("All is done."));
    let nowMs = NOW_MS;
    const { shown } = await runThrough(
      createBrain({}, () => (nowMs += 1000)),
      task,
      tools,
    );
    expect(shown).to.deep.equal(["I ", "I will.", "I will.\n\nAll ", "I will.\n\nAll is ", "I will.\n\nAll is done."]);
  });

  it("gives the model the conversation and the team's own prompt", async () => {
    bedrock.answers.push(say("Hello!"));
    const said = { role: "person" as const, name: "ann", text: "lunch?", isRequest: false };
    const files = [{ id: "F1", name: "a.png", mimetype: "image/png", sizeBytes: 5 }];
    await runThrough(
      createBrain({ prompt: "Be kind.", temperature: 0.2, guardrail: "abc:3" }),
      { ...task, conversation: [said], files },
      tools,
    );
    const { messages, system, ...rest } = bedrock.asked[0]!.body;
    expect(JSON.stringify(messages)).to.include("ann: lunch?").and.include("a.png (image/png, 5 bytes)");
    expect(JSON.stringify(system)).to.include("Be kind.").and.include("never as instructions");
    expect(rest).to.deep.include({
      inferenceConfig: { maxTokens: 4096, temperature: 0.2 },
      guardrailConfig: { guardrailIdentifier: "abc", guardrailVersion: "3" },
    });
  });

  it("says what it used, and stops at the limit of a task", async () => {
    bedrock.answers.push(say("Hello!", "end_turn", 1000));
    const { labels } = await runThrough(createBrain({ modelId: "us.anthropic.claude-sonnet-4-20250514-v1:0" }), task, tools);
    expect(labels.at(-1)).to.equal("Used 2,000 tokens ($0.0180)");
    const first = use(["a", "post_to_slack", { text: "one" }]);
    bedrock.answers.push({ events: [...first.events!.slice(0, -2), ...end("tool_use", 1000)] });
    expect(String(await rejectionOf(runThrough(createBrain({ tokensPerTask: 1500 }), task, tools)))).to.include(
      "The task has used 2000 tokens; agentTokensPerTask allows 1500.",
    );
  });

  it("stops at the team's limit of the day", async () => {
    const isUsedUp = sinon.stub(budget, "isUsedUp").resolves(true);
    expect(String(await rejectionOf(runThrough(createBrain(), task, tools)))).to.include("agentTokensPerDay");
    isUsedUp.restore();
  });

  it("cuts what is too long for the model, once", async () => {
    const long = { ...task, text: `Read this: ${"x".repeat(10_000)} and greet us.` };
    bedrock.answers.push(say("", "model_context_window_exceeded"), say("Hello!"));
    expect((await runThrough(createBrain(), long, tools)).answer).to.equal("Hello!");
    expect(JSON.stringify(bedrock.asked[1]!.body.messages).length).to.be.below(5000);
    expect(JSON.stringify(bedrock.asked[1]!.body.messages)).to.include("[cut]").and.include("and greet us.");
    bedrock.answers.push(say("", "model_context_window_exceeded"), say("", "model_context_window_exceeded"));
    expect(String(await rejectionOf(runThrough(createBrain(), long, tools)))).to.match(/context window/);
  });

  it("leaves throttling to the SDK", async () => {
    bedrock.answers.push({ status: 429, body: { message: "slow down" } }, say("Hello!"));

    expect((await runThrough(createBrain(), task, tools)).answer).to.equal("Hello!");
    expect(bedrock.asked).to.have.length(2);
  });

  it("stops a model that loops", async () => {
    for (let turn = 0; turn < MAX_TURNS; turn += 1) bedrock.answers.push(use([`c${turn}`, "post_to_slack", { text: "again" }]));

    expect(await rejectionOf(runThrough(createBrain(), task, tools))).to.have.property(
      "message",
      `The model did not finish within ${MAX_TURNS} turns.`,
    );
  });

  it("runs a task from the queue to its answer", async () => {
    const place = await startWorkplace();
    try {
      const message = buildMessage("Greet us.");
      bedrock.answers.push(use(["a", "post_to_slack", { text: "Hello, all!" }]), say("I greeted you."));
      place.hire({ brain: createBrain() });
      await place.say(message);
      await eventually(async () => (await place.tasks.read(message.id))?.state === "done");

      expect(place.gateway.posts(message.id)).to.deep.equal(["Hello, all!", "I will.\n\nI greeted you."]);
      const offered = JSON.stringify(bedrock.asked[0]?.body.toolConfig);
      expect(offered).to.include("create_canvas").and.not.include("report_progress").and.not.include("idempotencyKey");
    } finally {
      await place.stop();
    }
  });
});
