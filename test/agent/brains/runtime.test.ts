import { expect } from "chai";
import sinon from "sinon";
import type { Tools } from "../../../agent/brain";
import { RuntimeBrain } from "../../../agent/brains/runtime";
import { ShuttingDown, StopRequested } from "../../../agent/ends";
import { AgentRuntime } from "../../../stores/agent/runtime";
import { MAX_OUTPUT_BYTES } from "../../../stores/agent/tasks-table";
import { runThrough } from "../run-through";
import { buildTask } from "../tasks";

describe("runtime", () => {
  const task = buildTask({ text: "how many?" });
  const tools: Tools = {
    list: async () => [],
    call: async () => ({ ok: true, result: null }),
    readFile: async () => ({ reason: "it is gone." }),
  };
  let runtime: sinon.SinonStubbedInstance<AgentRuntime>;
  let logged: unknown[];
  beforeEach(() => {
    runtime = sinon.createStubInstance(AgentRuntime);
    logged = [];
  });
  const create = () => new RuntimeBrain(runtime, { error: (...line) => void logged.push(line) });
  const reply = (contentType: string, ...pieces: string[]) =>
    runtime.ask.callsFake(async () => ({
      contentType,
      chunks: (async function* () {
        yield* pieces;
      })(),
    }));

  it("hands over the turn under the task's id, and answers with what comes", async () => {
    reply("application/json", '{"answer":"two"}');
    const entry = { role: "person" as const, name: "Ada", text: "hello", isRequest: true };
    const file = { id: "F1", name: "a.png", mimetype: "image/png", sizeBytes: 3 };
    const { answer } = await runThrough(create(), { ...task, conversation: [entry], files: [file] }, tools);
    expect(answer).to.equal("two");
    const [id, body] = runtime.ask.firstCall.args;
    expect([id, JSON.parse(body)]).to.deep.equal([
      task.id,
      { turn: task.id, team: "T0001", user: "U0001", text: "how many?", conversation: [entry], files: [file] },
    ]);
  });

  it("shows an answer while it streams, and does not ask again when it is resumed", async () => {
    reply("text/event-stream", 'data: "one"\n\n', ": ping\n\n", 'data: " two"\n\n');
    const { answer, shown, outputs } = await runThrough(create(), task, tools);
    expect({ answer, shown }).to.deep.equal({ answer: "one two", shown: ["one", "one two"] });
    expect((await runThrough(create(), task, tools, outputs)).answer).to.equal("one two");
    sinon.assert.calledOnce(runtime.ask);
  });

  it("keeps no more of a long answer than Slack shows, since a checkpoint holds 300 KB", async () => {
    reply("application/json", JSON.stringify({ answer: "あ".repeat(150_000) }));
    const { outputs } = await runThrough(create(), task, tools);
    expect(Buffer.byteLength(JSON.stringify(outputs))).to.be.below(MAX_OUTPUT_BYTES);
  });

  /** Runs the brain's step, which ends when the signal aborts, and then lets the brain clean up, as the runner does. */
  const interrupt = async (reason: Error) => {
    const { signal, abort } = (controller => ({ signal: controller.signal, abort: () => controller.abort(reason) }))(new AbortController());
    runtime.ask.callsFake(() => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))));
    const thinking = create().think({ ...task, conversation: [], files: [], heard: [] }, tools);
    const { value } = await thinking.next();
    if (typeof value === "string") throw new Error("the brain yields no step");
    const running = value.run({ signal, key: "step-0001", show: async () => {}, pause: async () => {} }).catch(() => {});
    abort();
    await running;
    await thinking.return("");
  };

  it("stops the agent's session when the task is stopped, and not when another worker goes on", async () => {
    await interrupt(new ShuttingDown());
    sinon.assert.notCalled(runtime.stop);
    await interrupt(new StopRequested("U0001"));
    sinon.assert.calledOnceWithExactly(runtime.stop, task.id);
  });

  it("logs a session that can't be stopped", async () => {
    runtime.stop.rejects(new Error("AccessDenied"));
    await interrupt(new StopRequested("U0001"));
    expect(logged).to.have.lengthOf(1);
  });
});
