import { expect } from "chai";
import sinon from "sinon";
import { AnswerStream } from "../../agent/answer-stream";

const { signal } = new AbortController();
const TS = "1763805600.000100";

describe("answer-stream", () => {
  let write: sinon.SinonStub;
  let nowMs: number;
  beforeEach(() => {
    nowMs = 0;
    write = sinon.stub().callsFake(async (_, { text }) => ({ ok: true, result: { ts: TS, mode: "stream", sent: text.length } }));
  });
  const create = (hasBegun = false) =>
    new AnswerStream("task", { tools: { write }, log: { info: () => {}, error: () => {} }, nowMs: () => nowMs }, hasBegun);
  const writes = () => write.args.map(([, { text, step, stream }]) => [step, text, stream?.mode]);

  it("passes on what the last call returned", async () => {
    const answer = create();
    for (const text of ["a", "a b"]) await answer.show(text, signal);
    await answer.end("a b c", signal);
    expect(writes()).to.deep.equal([
      ["go", "a", undefined],
      ["go", "a b", "stream"],
      ["end", "a b c", "stream"],
    ]);
    expect(write.args.map(([, , { isRepeatable }]) => isRepeatable)).to.deep.equal([true, false, true]);
  });

  it("is paused before Slack ends the stream", async () => {
    const answer = create();
    await answer.show("a", signal);
    nowMs = 240_001;
    await answer.show("a b", signal);
    expect(writes().at(-1)).to.deep.equal(["pause", "a b", "stream"]);
  });

  it("changes a message at most once in three seconds", async () => {
    write.resolves({ ok: true, result: { ts: TS, mode: "message", sent: 1 } });
    const answer = create();
    for (const atMs of [0, 1000, 2999, 3000]) {
      nowMs = atMs;
      await answer.show(`at ${atMs}`, signal);
    }
    expect(writes().map(([, text]) => text)).to.deep.equal(["at 0", "at 3000"]);
  });

  it("lets the gateway replace the text after a failure, and goes on", async () => {
    const answer = create();
    await answer.show("a", signal);
    write.onSecondCall().rejects(new Error("down"));
    await answer.show("a b", signal);
    nowMs = 3000;
    await answer.show("a b c", signal);
    expect(writes().at(-1)).to.deep.equal(["go", "a b c", undefined]);
  });

  it("has not begun if the gateway refuses it", async () => {
    write.resolves({ ok: false, rule: "approval", message: "no" });
    const answer = create();
    await answer.show("a", signal);
    await answer.show("a b", signal);
    expect([answer.hasBegun, write.callCount]).to.deep.equal([false, 1]);
  });

  it("shows no more than a message holds, and leaves no stream open if the gateway refuses a text", async () => {
    const answer = create();
    await answer.show("a", signal);
    await answer.show("a".repeat(40_001), signal);
    expect(writes().at(-1)).to.deep.equal(["go", `${"a".repeat(30_000)}...`, "stream"]);

    write.callsFake(async (_, { step }) => (step === "close" ? { ok: true, result: {} } : { ok: false, rule: "length", message: "no" }));
    await answer.show("<@".repeat(15_000), signal);
    expect([writes().at(-1), answer.hasBegun]).to.deep.equal([["close", "-", "stream"], false]);
    await create(true).end("<@".repeat(15_000), signal);
    expect(writes().at(-1)).to.deep.equal(["close", "-", undefined]);
  });

  it("closes only what has begun", async () => {
    await create().close(signal);
    sinon.assert.notCalled(write);
    await create(true).close(signal);
    expect(writes()).to.deep.equal([["close", "-", undefined]]);
  });
});
