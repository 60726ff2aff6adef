import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon, { createStubInstance, type SinonStubbedInstance } from "sinon";
import { type Json, MAX_STEPS, type StepRecord, type Task } from "#core/agent/task";
import { Conflict } from "#core/errors";
import { LastTries } from "#stores/agent/last-tries";
import { UserSlots } from "#stores/agent/slots";
import { TasksTable } from "#stores/agent/tasks-table";
import { ThreadLeases } from "#stores/agent/thread-leases";
import type { Brain, Step, ToolOutcome, Tools } from "../../agent/brain";
import { ShuttingDown, StopRequested } from "../../agent/ends";
import { Hold } from "../../agent/hold";
import { Progress } from "../../agent/progress";
import { Runner } from "../../agent/runner";
import { GatewayTools } from "../../agent/tools";
import { buildTask } from "./tasks";

const NOW_MS = 1000;
const task = buildTask();
const lease = { thread: "thread#t", taskId: task.id, leaseId: "l" };
const POSTED: ToolOutcome = { ok: true, result: { ts: "1.000001" } };
const log = { info: () => {}, debug: () => {}, error: () => {} };

describe("runner", () => {
  let tasks: SinonStubbedInstance<TasksTable>;
  let call: sinon.SinonStub<Parameters<Tools["call"]>, Promise<ToolOutcome>>;
  let shutdown: AbortController;
  let over: AbortController;
  let progress: Progress;
  let hear: sinon.SinonStub<[], Promise<Task | undefined>>;
  let answer: { hasBegun: boolean; show: sinon.SinonStub; pause: sinon.SinonStub; end: sinon.SinonStub };
  /** The outputs that the brain got for its steps. */
  let thought: Json[];
  let isCleanedUp: boolean;
  beforeEach(() => {
    tasks = createStubInstance(TasksTable);
    tasks.read.resolves(task);
    call = sinon.stub<Parameters<Tools["call"]>, Promise<ToolOutcome>>().resolves(POSTED);
    [shutdown, over] = [new AbortController(), new AbortController()];
    const reports = createStubInstance(GatewayTools);
    reports.report.resolves(POSTED);
    progress = new Progress(task.id, { tools: reports, log, nowMs: () => NOW_MS }, over.signal);
    answer = { hasBegun: false, show: sinon.stub().resolves(), pause: sinon.stub().resolves(), end: sinon.stub().resolves(POSTED) };
    hear = sinon.stub<[], Promise<Task | undefined>>().resolves(undefined);
    thought = [];
    isCleanedUp = false;
  });
  afterEach(() => over.abort());

  /** A brain that runs the given steps and answers. */
  const think = (steps: readonly Step[], answer = "all done"): Brain => ({
    async *think() {
      try {
        for (const step of steps) thought.push(yield step);
        return answer;
      } finally {
        isCleanedUp = true;
      }
    },
  });
  const stepOf = (label: string, output: Json = null) => ({
    label,
    run: sinon.stub<Parameters<Step["run"]>, Promise<Json>>().resolves(output),
  });
  const run = (brain: Brain, records: readonly StepRecord[] = []) => {
    const hold = new Hold(task, {
      tasks,
      leases: createStubInstance(ThreadLeases),
      slots: createStubInstance(UserSlots),
      lastTries: createStubInstance(LastTries),
      log,
      shutdown: shutdown.signal,
      nowMs: () => NOW_MS,
    });
    const tools = { list: async () => [], readFile: async () => ({ reason: "it is gone." }), call };
    return new Runner(brain, tasks, () => NOW_MS).run({
      task,
      turn: { ...task, conversation: [], files: [], heard: [] },
      hear,
      lease,
      hold,
      tools,
      progress,
      answer,
      records,
    });
  };

  it("runs each step under its key, checkpoints its output, and passes it to the brain", async () => {
    const [first, second] = [stepOf("one", 1), stepOf("two", { a: 2 })];
    expect(await run(think([first, second]))).to.deep.equal({ text: "all done", refusal: null });
    expect([first, second].map(({ run: each }) => each.firstCall.args[0].key)).to.deep.equal(["step-0001", "step-0002"]);
    expect(tasks.checkpoint.args.slice(0, 2)).to.deep.equal([
      [task.id, { number: 1, label: "one", output: 1 }, lease, NOW_MS],
      [task.id, { number: 2, label: "two", output: { a: 2 } }, lease, NOW_MS],
    ]);
    expect(thought).to.deep.equal([1, { a: 2 }]);
  });

  it("takes up a later request with the checkpoint of the step, and again at the same step of a replay", async () => {
    const file = { id: "F1", name: "plan.pdf", mimetype: "application/pdf", sizeBytes: 9 };
    const later = { ...buildTask({ id: "later", text: "post more" }), files: [file] };
    hear.resolves(later);
    const heardAt: string[] = [];
    const listening: Brain = {
      async *think({ heard, files }) {
        for (const step of [stepOf("one"), stepOf("two")]) {
          yield step;
          heardAt.push(`${heard.splice(0).join()}: ${files.map(({ name }) => name).join()}`);
        }
        return "done";
      },
    };
    await run(listening);
    const [first, second] = tasks.checkpoint.args.map(([, record]) => record);
    // The file is new only once.
    expect([first!.heard, second!.heard]).to.deep.equal([later, { ...later, files: [] }]);
    await run(listening, [first!, second!]);
    expect(heardAt).to.deep.equal(Array(4).fill("post more: plan.pdf"));
  });

  it("leaves a later request alone that has ended meanwhile", async () => {
    hear.onFirstCall().resolves(buildTask({ id: "later" }));
    tasks.checkpoint.onFirstCall().rejects(new Conflict("ended"));
    await run(think([stepOf("one")]));
    expect(tasks.checkpoint.args[1]![1]).to.deep.equal({ number: 1, label: "one", output: null });
  });

  it("completes the answer that its steps have begun to show", async () => {
    const step = stepOf("say");
    step.run.callsFake(async ({ show }) => {
      await show("all");
      answer.hasBegun = true;
      return null;
    });
    await run(think([step]));
    sinon.assert.calledOnceWithMatch(answer.show, "all");
    sinon.assert.calledOnceWithMatch(answer.end, "all done");
    sinon.assert.notCalled(call);
  });

  it("posts the answer once, as the last step", async () => {
    await run(think([stepOf("one")]));
    sinon.assert.calledOnceWithMatch(call, "post_to_slack", { text: "all done" }, { key: "answer" });
    const output = { text: "all done", refusal: null };
    sinon.assert.calledWithExactly(tasks.checkpoint, task.id, { number: 2, label: "Answer", output }, lease, NOW_MS);
    expect(progress.steps).to.deep.equal([
      { label: "one", state: "done" },
      { label: "Answer", state: "done" },
    ]);
  });

  it("resumes after the finished steps, and runs none of them again", async () => {
    const [first, second] = [stepOf("one"), stepOf("two")];
    await run(think([first, second]), [{ number: 1, label: "one", output: "kept" }]);
    sinon.assert.notCalled(first.run);
    sinon.assert.calledOnce(second.run);
    expect(thought).to.deep.equal(["kept", null]);
  });

  it("does not post an answer twice", async () => {
    const records = [{ number: 1, label: "Answer", output: { text: "said", refusal: null } }];
    expect(await run(think([]), records)).to.deep.equal({ text: "said", refusal: null });
    sinon.assert.notCalled(call);
  });

  it("keeps an answer that a rule refuses, and names the rule", async () => {
    call.resolves({ ok: false, rule: "length", message: "the text is empty." });
    expect(await run(think([]))).to.deep.equal({
      text: "all done",
      refusal: "The answer was not posted (length): the text is empty.",
    });
  });

  const answers: [what: string, answer: string, posted: string][] = [
    ["is empty", " \n", "Done."],
    ["has spaces around it", " a ", "a"],
    ["is cut in the middle of a character", "a\ud83d", "a\ufffd"],
    ["is as long as it may be", "x".repeat(30_000), "x".repeat(30_000)],
    ["is longer", "x".repeat(30_001), `${"x".repeat(30_000)}...`],
    ["is longer, and its cut halves a character", `${"x".repeat(29_999)}🚀🚀`, `${"x".repeat(29_999)}\ufffd...`],
  ];
  for (const [what, answer, posted] of answers) {
    it(`posts an answer that ${what}`, async () => {
      await run(think([], answer));
      expect(call.firstCall.args[1]).to.deep.equal({ text: posted });
    });
  }

  it("refuses to resume if the steps differ from the checkpoints", async () => {
    const step = stepOf("now");
    expect(await rejectionOf(run(think([step]), [{ number: 1, label: "before", output: null }])))
      .to.have.property("message")
      .that.equals('Step 1 was "before" before and is "now" now: the task can\'t be resumed.');
    sinon.assert.notCalled(step.run);
    expect(isCleanedUp).to.equal(true);
  });

  it("stops a brain that loops", async () => {
    const records = Array.from({ length: MAX_STEPS }, (_, index) => ({ number: index + 1, label: "again", output: null }));
    const brain = think(Array(MAX_STEPS + 1).fill(stepOf("again")));
    expect(await rejectionOf(run(brain, records))).to.have.property("message", `The task took more than ${MAX_STEPS} steps.`);
    expect(isCleanedUp).to.equal(true);
  });

  describe("an early end", () => {
    it("is checked before each step, so that no step begins after it", async () => {
      const [first, second] = [stepOf("one"), stepOf("two")];
      first.run.callsFake(async () => {
        tasks.read.resolves({ ...task, stopBy: "U0002" });
        return null;
      });
      const error = await rejectionOf(run(think([first, second])));
      expect(error).to.be.instanceOf(StopRequested).and.to.have.property("by", "U0002");
      sinon.assert.calledOnce(first.run);
      sinon.assert.notCalled(second.run);
      expect(isCleanedUp).to.equal(true);
    });

    it("does not wait for a step that ignores its signal, and keeps no output of it", async () => {
      const step = stepOf("for ever");
      const reason = new ShuttingDown();
      step.run.callsFake(({ signal }) => {
        expect(signal.aborted).to.equal(false);
        shutdown.abort(reason);
        return new Promise(() => {});
      });
      expect(await rejectionOf(run(think([step])))).to.equal(reason);
      sinon.assert.notCalled(tasks.checkpoint);
    });

    it("is the error of a step or of its checkpoint", async () => {
      const noMilk = new Error("no milk");
      const step = stepOf("buy milk");
      step.run.rejects(noMilk);
      expect(await rejectionOf(run(think([step])))).to.equal(noMilk);
      expect(progress.steps).to.deep.equal([{ label: "buy milk", state: "processing" }]);
      const down = new Error("the table is down");
      tasks.checkpoint.rejects(down);
      expect(await rejectionOf(run(think([stepOf("one")])))).to.equal(down);
      sinon.assert.notCalled(call);
    });
  });
});
