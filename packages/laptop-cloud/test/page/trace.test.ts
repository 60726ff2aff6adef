import { expect } from "chai";
import type { Step } from "../../page/control";
import { buildTrace } from "../../page/trace";

const linesOf = (steps: Step[]) => buildTrace(steps).map(({ who, what }) => `${who} ${what}`);

describe("trace", () => {
  it("puts steps in the order in which they began", () => {
    const steps: Step[] = [
      { atMs: 100, kind: "publish", from: "webhook", to: "messages" },
      { atMs: 300, kind: "invoked", from: "webhook", detail: { ms: 290, cold: true } },
    ];
    const rows = buildTrace(steps);
    expect(rows.map(({ startMs, ms }) => [startMs, ms])).to.deep.equal([
      [10, 290],
      [100, 0],
    ]);
    expect(linesOf(steps)).to.deep.equal(["webhook ran, cold start", "webhook → messages"]);
  });

  it("shows what functions ask of AWS, and leaves out what occurrences tell already", () => {
    const call = { atMs: 5, kind: "call", action: "dynamodb:PutItem", resource: "arn:aws:dynamodb:us-east-1:0:table/seen", ms: 2 };
    expect(
      linesOf([
        { ...call, function: "webhook", error: null, allowed: true },
        { ...call, function: "webhook", error: "TransactionCanceledException", allowed: true },
        { ...call, function: "webhook", error: "AccessDeniedException", allowed: false },
        { ...call, function: null, caller: "sns.amazonaws.com" },
        { ...call, function: "webhook", action: "logs:PutLogEvents" },
        { atMs: 1, kind: "invoke", from: "messages", to: "multiplier" },
      ]),
    ).to.deep.equal([
      "webhook dynamodb:PutItem table/seen",
      "webhook dynamodb:PutItem table/seen TransactionCanceledException",
      "webhook dynamodb:PutItem table/seen denied",
    ]);
  });

  it("uses a plugin's describer for steps of its kind", () => {
    const rows = buildTrace([{ atMs: 1, kind: "chat", from: "ada" }], { chat: ({ from = "" }, row) => row("Chat", `${from} says`) });
    expect(rows.map(({ who, what }) => `${who} ${what}`)).to.deep.equal(["Chat ada says"]);
  });

  it("marks what failed", () => {
    const failed = (step: Omit<Step, "atMs">) => buildTrace([{ atMs: 1, ...step }])[0]!.failed;
    expect(failed({ kind: "invoked", from: "f", detail: { ms: 1, error: "Error: no" } })).to.equal(true);
    expect(failed({ kind: "invoked", from: "f", detail: { ms: 1 } })).to.equal(false);
    expect(failed({ kind: "http", detail: { route: "POST /webhook", status: 503 } })).to.equal(true);
    expect(failed({ kind: "execution", to: "payroll", detail: { phase: "failed" } })).to.equal(true);
  });
});
