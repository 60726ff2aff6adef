import { CloudWatchLogsClient, DescribeLogGroupsCommand, type FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { expect } from "chai";
import sinon from "sinon";
import { format, LogTrace } from "../../scripts/trace";

describe("trace of a stack", () => {
  afterEach(() => sinon.restore());

  it("finds a message's lines in the logs of all functions, as a tree by time", async () => {
    const line = (fields: object) => JSON.stringify({ level: "info", source: "x", messageId: "T-C-1.0-events", ...fields });
    const events: Record<string, { timestamp: number; message: string }[]> = {
      "/aws/lambda/app-dev-multiplier": [
        { timestamp: 1400, message: `2026\tid\tERROR\t${line({ level: "error", message: "not handled" })}\n` },
        {
          timestamp: 1900,
          message: `${JSON.stringify({ _aws: {}, service: "m", messageId: "T-C-1.0-events", Effects: 1, LagMs: 900 })}\n`,
        },
      ],
      "/aws/lambda/app-dev-events": [{ timestamp: 1000, message: line({ message: "counted", leftMs: 2400 }) }],
      "/aws/lambda/app-dev-logger": [],
    };
    const filters: unknown[] = [];
    sinon.stub(CloudWatchLogsClient.prototype, "send").callsFake((async (command: object) => {
      if (command instanceof DescribeLogGroupsCommand) return { logGroups: Object.keys(events).map(logGroupName => ({ logGroupName })) };
      const { logGroupName = "", filterPattern, startTime } = (command as FilterLogEventsCommand).input;
      filters.push([filterPattern, startTime]);
      return { events: events[logGroupName] };
    }) as never);

    const spans = await new LogTrace(new CloudWatchLogsClient({ region: "us-east-1" })).read("/aws/lambda/app-dev-", "T-C-1.0", 500);

    expect(filters).to.deep.equal([
      ['"T-C-1.0"', 500],
      ['"T-C-1.0"', 500],
      ['"T-C-1.0"', 500],
    ]);
    expect(format(spans)).to.deep.equal([
      "       0 ms  events: ran",
      "       0 ms    log: counted, leftMs 2400",
      "     400 ms  ✗ multiplier: ran (500 ms)",
      "     400 ms    ✗ log: not handled",
      "     900 ms    metrics: Effects 1, LagMs 900",
    ]);
  });
});
