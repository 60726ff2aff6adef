import { expect } from "chai";
import { buildTrace } from "../../page/trace";
import type { CallStep, Occurrence, Trace } from "../../src/protocol";

const linesOf = (steps: Trace["steps"]) => buildTrace(steps).map(({ who, what }) => `${who} ${what}`);

describe("trace", () => {
  it("sorts steps by their start", () => {
    const steps: Occurrence[] = [
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

  it("shows the AWS calls of functions, and leaves out calls that have occurrences", () => {
    const call: CallStep = {
      kind: "call",
      id: "1",
      atMs: 5,
      ms: 2,
      function: "webhook",
      invocation: null,
      caller: "webhook",
      trace: null,
      service: "dynamodb",
      operation: "PutItem",
      action: "dynamodb:PutItem",
      resource: "arn:aws:dynamodb:us-east-1:0:table/seen",
      allowed: true,
      checks: [],
      error: null,
    };
    expect(
      linesOf([
        call,
        { ...call, error: "TransactionCanceledException" },
        {
          ...call,
          error: "ThrottlingException",
          throttledBy: { resource: "arn:aws:dynamodb:us-east-1:0:table/seen/index/pending", key: "yes" },
        },
        { ...call, error: "AccessDeniedException", allowed: false },
        { ...call, action: "ses:SendEmail", resource: null, fallback: true },
        { ...call, function: null, caller: "sns.amazonaws.com" },
        { ...call, action: "logs:PutLogEvents" },
        { atMs: 1, kind: "invoke", from: "messages", to: "multiplier" },
      ]),
    ).to.deep.equal([
      "webhook dynamodb:PutItem table/seen",
      "webhook dynamodb:PutItem table/seen TransactionCanceledException",
      "webhook dynamodb:PutItem table/seen ThrottlingException: table/seen/index/pending is at its limit",
      "webhook dynamodb:PutItem table/seen denied",
      "webhook ses:SendEmail fallback",
    ]);
  });

  it("uses a plugin's describer for steps of its kind", () => {
    const rows = buildTrace([{ atMs: 1, kind: "chat", from: "ada" }], { chat: ({ from = "" }, row) => row("Chat", `${from} says`) });
    expect(rows.map(({ who, what }) => `${who} ${what}`)).to.deep.equal(["Chat ada says"]);
  });

  it("marks failed steps", () => {
    const failed = (step: Omit<Occurrence, "atMs">) => buildTrace([{ atMs: 1, ...step }])[0]!.failed;
    expect(failed({ kind: "invoked", from: "f", detail: { ms: 1, error: "Error: no" } })).to.equal(true);
    expect(failed({ kind: "invoked", from: "f", detail: { ms: 1 } })).to.equal(false);
    expect(failed({ kind: "http", detail: { route: "POST /webhook", status: 503 } })).to.equal(true);
    expect(failed({ kind: "execution", to: "payroll", detail: { phase: "failed" } })).to.equal(true);
  });
});
