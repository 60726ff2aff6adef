import { CloudWatchLogsClient, DescribeLogGroupsCommand, type FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { expect } from "chai";
import sinon from "sinon";
import { format } from "../../scripts/trace";
import { LogTrace } from "../../scripts/trace/log-trace";

/** One event of a log: its stream, its time and its line. */
type Event = [stream: string, timestamp: number, message: string];

const line = (fields: object) => JSON.stringify({ level: "info", source: "x", messageId: "T-C-1.0-events", ...fields });
const report = (requestId: string, ms: number, more = "") =>
  `REPORT RequestId: ${requestId}\tDuration: ${ms}.00 ms\tBilled Duration: 9 ms${more}\n`;

const LOGS: Record<string, Event[]> = {
  "/aws/vendedlogs/app-dev-api": [
    [
      "api",
      1020,
      JSON.stringify({ requestId: "a", routeKey: "POST /events", status: "200", responseLatency: "60", "integration.requestId": "r1" }),
    ],
  ],
  "/aws/lambda/app-dev-events": [
    ["s1", 1000, line({ message: "counted", leftMs: 2400 })],
    ["s1", 1010, report("r1", 40, "\tInit Duration: 90.00 ms\t\nXRAY TraceId: 1-abc\tSegmentId: d\tSampled: true")],
  ],
  "/aws/lambda/app-dev-multiplier": [
    // Two invocations in one stream.
    ["s2", 1400, `2026\tr2\tERROR\t${line({ level: "error", message: "not handled" })}\n`],
    ["s2", 1405, report("r2", 20)],
    ["s2", 1900, `${JSON.stringify({ _aws: {}, service: "m", messageId: "T-C-1.0-events", Effects: 1, LagMs: 900 })}\n`],
    ["s2", 1901, report("r3", 30)],
    // Another message's.
    ["s3", 1901, report("r4", 30)],
  ],
  "/aws/lambda/app-dev-logger": [],
  "/ecs/app-dev-agent": [
    ["t", 2000, line({ message: "begins" })],
    ["t", 5000, line({ message: "is done" })],
  ],
};

/** CloudWatch Logs with some events. It takes 100 streams at most. */
const filter = (
  logs: Record<string, Event[]>,
  { logGroupName = "", filterPattern = "", startTime = 0, endTime = Infinity, logStreamNames }: FilterLogEventsCommand["input"],
) => {
  if ((logStreamNames?.length ?? 0) > 100) throw new Error("too many streams");
  const words = [...filterPattern.matchAll(/"([^"]+)"/g)].map(([, word]) => word!);
  return logs[logGroupName]!.filter(
    ([stream, timestamp, message]) =>
      timestamp >= startTime &&
      timestamp < endTime &&
      (logStreamNames?.includes(stream) ?? true) &&
      words.some(word => message.includes(word)),
  ).map(([logStreamName, timestamp, message]) => ({ logStreamName, timestamp, message }));
};

describe("trace of a stack", () => {
  afterEach(() => sinon.restore());

  const read = (logs: Record<string, Event[]>) => {
    sinon.stub(CloudWatchLogsClient.prototype, "send").callsFake((async (command: object) => {
      if (!(command instanceof DescribeLogGroupsCommand)) return { events: filter(logs, (command as FilterLogEventsCommand).input) };
      const names = Object.keys(logs).filter(name => name.startsWith(command.input.logGroupNamePrefix!));
      return { logGroups: names.map(logGroupName => ({ logGroupName })) };
    }) as never);
    return new LogTrace(new CloudWatchLogsClient({ region: "us-east-1" })).read("app-dev-", "T-C-1.0", 500);
  };

  it("finds the invocations of more environments than one call takes", async () => {
    const events = Array.from({ length: 150 }, (_, number): Event[] => [
      [`s${number}`, 1000, line({ message: "counted" })],
      [`s${number}`, 1010, report(`r${number}`, 40)],
    ]);
    const spans = await read({ "/aws/lambda/app-dev-events": events.flat() });
    expect(spans.filter(({ what }) => what === "ran")).to.have.length(150);
  });

  it("finds a message's lines in all logs: inside invocations, requests and containers, as a tree by time", async () => {
    expect(format(await read(LOGS))).to.deep.equal([
      "       0 ms  API: POST /events, 200 (60 ms)",
      "      20 ms    events: ran, cold start, X-Ray 1-abc (40 ms)",
      "      50 ms      log: counted, leftMs 2400",
      "     435 ms  ✗ multiplier: ran (20 ms)",
      "     450 ms    ✗ log: not handled",
      "     921 ms  multiplier: ran (30 ms)",
      "     950 ms    metrics: Effects 1, LagMs 900",
      "    1050 ms  agent: works (3000 ms)",
      "    1050 ms    log: begins",
      "    4050 ms    log: is done",
    ]);
  });
});
