import { expect } from "chai";
import sinon from "sinon";
import { NotDurable, SENTENCES } from "#core/errors";
import { createLog } from "#core/log";

describe("log", () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    sinon.stub(console, "log").callsFake(line => void lines.push(line));
    sinon.stub(console, "error").callsFake(line => void lines.push(line));
  });
  afterEach(() => sinon.restore());

  const read = () => lines.map(line => JSON.parse(line));

  it("writes one JSON object per line", () => {
    createLog("webhook", {}).info("refused", { status: 401 });
    expect(read()).to.deep.equal([{ level: "info", source: "webhook", message: "refused", status: 401 }]);
  });

  it("writes steps only with DEBUG", () => {
    createLog("webhook", {}).debug("step");
    createLog("webhook", { DEBUG: "false" }).debug("step");
    expect(lines).to.deep.equal([]);
    createLog("webhook", { DEBUG: "true" }).debug("step");
    createLog("webhook", { DEBUG: "1" }).debug("step");
    expect(lines).to.have.length(2);
  });

  const error = new NotDurable("late", { cause: new Error("reset"), context: { tries: 3 } });

  it("writes an error's name and message", () => {
    createLog("webhook", {}).error("failed", error, { id: "x" });
    expect(read()).to.deep.equal([
      { level: "error", source: "webhook", message: "failed", id: "x", error: { name: "NotDurable", message: "late" } },
    ]);
  });

  it("adds stack, context and causes with ERROR", () => {
    createLog("webhook", { ERROR: "1" }).error("failed", error);
    const [line] = read();
    expect(line.error).to.deep.include({ name: "NotDurable", context: { tries: 3 } });
    expect(line.error.stack).to.include("log.test.ts");
    expect(line.error.cause).to.include({ name: "Error", message: "reset" });
  });

  it("survives thrown values that are not errors, and endless causes", () => {
    const loop = new Error("loop");
    loop.cause = loop;
    const log = createLog("webhook", { ERROR: "1" });
    log.error("failed", "text");
    log.error("failed", loop);
    expect(lines).to.have.length(2);
  });

  it("lists the errors of an AggregateError", () => {
    createLog("relay", {}).error("failed", new AggregateError([error], "1 of 2 failed"));
    expect(read()[0].error.errors).to.deep.equal([{ name: "NotDurable", message: "late" }]);
  });
});

describe("errors", () => {
  it("has a literal name for each code, and a sentence", () => {
    expect(error().name).to.equal("NotDurable");
    expect(SENTENCES[error().name]).to.match(/^[A-Z].*\.$/);
  });

  it("keeps its cause and context", () => {
    expect(error().cause).to.equal("why");
    expect(error().context).to.deep.equal({ tries: 1 });
    expect(new NotDurable("late")).not.to.have.property("cause");
  });

  const error = () => new NotDurable("late", { cause: "why", context: { tries: 1 } });
});
