import { expect } from "chai";
import { buildTimeline } from "../../page/timeline";
import { buildTrace, flatten, type TraceSpan } from "../../page/trace";
import type { CallStep, Occurrence, Trace } from "../../src/protocol";

const linesOf = (steps: Trace["steps"]) =>
  buildTrace(steps)
    .flatMap(flatten)
    .map(({ who, what }) => `${who} ${what}`);

/** A call of a container, which has no invocations. */
const aCall: CallStep = {
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
    expect(
      linesOf([
        aCall,
        { ...aCall, error: "TransactionCanceledException" },
        {
          ...aCall,
          error: "ThrottlingException",
          throttledBy: { resource: "arn:aws:dynamodb:us-east-1:0:table/seen/index/pending", key: "yes" },
        },
        { ...aCall, error: "AccessDeniedException", allowed: false },
        { ...aCall, action: "ses:SendEmail", resource: null, fallback: true },
        { ...aCall, function: null, caller: "sns.amazonaws.com" },
        { ...aCall, action: "logs:PutLogEvents" },
        { atMs: 1, kind: "invoke", from: "messages", to: "multiplier" },
      ]),
    ).to.deep.equal([
      "multiplier runs",
      "webhook works",
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

  it("nests calls in invocations, invocations in requests and states, and states in executions", () => {
    const at = (atMs: number, step: Omit<Occurrence, "atMs">): Occurrence => ({ atMs, ...step });
    const call = (atMs: number, invocation: string) => ({ ...aCall, atMs, invocation });
    const outline = (spans: TraceSpan[], depth = 0): string[] =>
      spans.flatMap(({ who, what, children }) => [`${"  ".repeat(depth)}${who} ${what}`, ...outline(children, depth + 1)]);
    const steps = [
      at(10, { kind: "invoke", from: "apigateway.amazonaws.com", to: "webhook", detail: { requestId: "1" } }),
      call(20, "1"),
      at(30, { kind: "publish", from: "webhook", to: "messages" }),
      at(31, { kind: "invoke", from: "messages", to: "multiplier", detail: { requestId: "2", type: "Event" } }),
      at(32, { kind: "deliver", from: "messages", to: "multiplier", detail: { attempt: 1 } }),
      at(40, { kind: "invoked", from: "webhook", detail: { requestId: "1", ms: 30 } }),
      at(42, { kind: "http", from: "slack", to: "webhook", detail: { route: "POST /webhook", status: 200, ms: 36 } }),
      call(45, "2"),
      at(50, { kind: "invoked", from: "multiplier", detail: { requestId: "2", ms: 18 } }),
      at(60, { kind: "execution", to: "payroll", detail: { execution: "e", phase: "started" } }),
      at(61, { kind: "step", from: "payroll", to: "validate", detail: { execution: "e", state: "validate", phase: "entered" } }),
      at(62, { kind: "invoke", from: "payroll", to: "validate", detail: { requestId: "3", type: "RequestResponse" } }),
      at(70, { kind: "invoked", from: "validate", detail: { requestId: "3", ms: 7 } }),
      at(71, { kind: "step", from: "payroll", detail: { execution: "e", state: "validate", phase: "exited" } }),
      at(72, { kind: "execution", to: "payroll", detail: { execution: "e", phase: "succeeded" } }),
    ];
    expect(outline(buildTrace(steps))).to.deep.equal([
      "API POST /webhook, 200",
      "  webhook ran",
      "    webhook dynamodb:PutItem table/seen",
      "    webhook → messages",
      "multiplier ran ← messages",
      "  webhook dynamodb:PutItem table/seen",
      "payroll execution succeeded",
      "  payroll step validate",
      "    validate ran",
    ]);
  });

  /** The line of so many invocations, with a minute between them. */
  const buildLine = (invocations: number) =>
    buildTimeline(
      buildTrace(
        Array.from({ length: invocations }, (_, index) => ({
          atMs: 100 + 60_100 * index,
          kind: "invoked",
          from: "f",
          detail: { requestId: `${index}`, ms: 100 },
        })),
      ),
    );

  it("cuts long waits short on the line, and keeps the order of times", () => {
    const { gaps, marks, place } = buildLine(2);
    expect(marks).to.deep.equal([{ left: place(100), width: 5 }]);
    expect(gaps).to.deep.equal([{ fromMs: 100, toMs: 60_100 }]);
    expect([0, 100, 60_100, 60_200].map(atMs => Math.round(place(atMs)))).to.deep.equal([0, 48, 53, 100]);
  });

  it("marks no waits that are too many to be seen", () => {
    const { gaps, marks } = buildLine(100);
    expect([gaps.length, marks.length]).to.deep.equal([99, 0]);
  });
});
