/** Reads what one message caused from a stack's logs. It is the tree that the laptop's page shows (ADR 52), without what the logs lack. */
import {
  type CloudWatchLogsClient,
  type FilterLogEventsCommandInput,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import type { TraceSpan } from "@slack-fanout/laptop-cloud/page/trace";
import { chunk } from "#core/chunks";

/** The fields of a span that are printed. */
type Span = Pick<TraceSpan, "startMs" | "ms" | "who" | "what" | "failed"> & { children: Span[] };

interface Line {
  stream: string;
  atMs: number;
  text: string;
}

/** Lambda's last line of an invocation. */
interface Report extends Line {
  requestId: string;
  ms: number;
}

interface Invocation {
  requestId: string;
  span: Span;
}

/** The longest invocation. */
const INVOCATION_MS = 15 * 60_000;

/** The most streams that FilterLogEvents takes. */
const MAX_STREAMS = 100;

/** A filter pattern has at most 1,024 characters, and an id 36. */
const IDS_A_PATTERN = 20;

/** How much the clocks of the API and of Lambda may differ. */
const SLACK_MS = 60_000;

class LogTrace {
  constructor(private readonly logs: CloudWatchLogsClient) {}

  /**
   * Finds all log lines that name a message. The lines are children of their invocations, which are children of the API's requests. A container has no
   * invocations, so its lines are in one span. `stack` is the prefix of the stack's names, "slack-fanout-dev-".
   */
  async read(stack: string, subject: string, fromMs: number): Promise<Span[]> {
    const containers: Span[] = [];
    // AgentCore takes no hyphens, and at most 40 characters of a name.
    for (const prefix of [`/ecs/${stack}`, `/aws/bedrock-agentcore/runtimes/${stack.replace(/\W/g, "_").slice(0, 40)}`])
      for await (const [, lines] of this.findLines(prefix, subject, fromMs))
        containers.push(buildSpan("agent", "works", lines.map(describeLine)));
    const invocations: Invocation[] = [];
    for await (const [group, lines] of this.findLines(`/aws/lambda/${stack}`, subject, fromMs))
      invocations.push(...buildInvocations(group.slice(`/aws/lambda/${stack}`.length), lines, await this.readReports(group, lines)));
    const requests = await this.readRequests(`/aws/vendedlogs/${stack}`, invocations);
    const spans = invocations.map(({ requestId, span }) => wrapInRequest(span, requests.get(requestId)));
    return [...containers, ...spans].sort((a, b) => a.startMs - b.startMs);
  }

  /** The log groups whose lines name a message. */
  private async *findLines(prefix: string, subject: string, startTime: number): AsyncGenerator<[group: string, Line[]]> {
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: this.logs }, { logGroupNamePrefix: prefix }))
      for (const { logGroupName = "" } of logGroups) {
        const lines = await this.filter({ logGroupName, startTime, filterPattern: JSON.stringify(subject) });
        if (lines.length > 0) yield [logGroupName, lines];
      }
  }

  private async readReports(logGroupName: string, lines: readonly Line[]): Promise<Report[]> {
    const range = { startTime: lines[0]!.atMs, endTime: lines.at(-1)!.atMs + INVOCATION_MS };
    const found: Line[] = [];
    for (const logStreamNames of chunk([...new Set(lines.map(({ stream }) => stream))], MAX_STREAMS))
      found.push(...(await this.filter({ logGroupName, logStreamNames, ...range, filterPattern: '"REPORT RequestId"' })));
    return found.map(line => {
      const [, requestId = "", ms] = /^REPORT RequestId: (\S+)\s+Duration: ([\d.]+) ms/.exec(line.text) ?? [];
      return { ...line, requestId, ms: Number(ms) };
    });
  }

  /** The API's log lines, by the ids of the invocations that they caused. */
  private async readRequests(prefix: string, invocations: readonly Invocation[]): Promise<Map<string, AccessLine>> {
    const requests = new Map<string, AccessLine>();
    if (invocations.length === 0) return requests;
    const starts = invocations.map(({ span }) => span.startMs);
    const range = { startTime: Math.min(...starts) - SLACK_MS, endTime: Math.max(...starts) + SLACK_MS };
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: this.logs }, { logGroupNamePrefix: prefix }))
      for (const { logGroupName = "" } of logGroups)
        for (const some of chunk(invocations, IDS_A_PATTERN)) {
          const filterPattern = some.map(({ requestId }) => `?${JSON.stringify(requestId)}`).join(" ");
          for (const { text } of await this.filter({ logGroupName, ...range, filterPattern })) {
            const line = JSON.parse(text) as AccessLine;
            requests.set(line["integration.requestId"], line);
          }
        }
    return requests;
  }

  private async filter(input: FilterLogEventsCommandInput): Promise<Line[]> {
    const lines: Line[] = [];
    for await (const { events = [] } of paginateFilterLogEvents({ client: this.logs }, input))
      for (const { logStreamName = "", timestamp = 0, message = "" } of events)
        lines.push({ stream: logStreamName, atMs: timestamp, text: message.trim() });
    return lines;
  }
}

/** The fields of the API's access log that are shown, as `components/resources/http-api.ts` names them. */
interface AccessLine {
  "integration.requestId": string;
  routeKey: string;
  status: string;
  /** Milliseconds. */
  responseLatency: string;
}

const buildSpan = (who: string, what: string, children: Span[]): Span => {
  const startMs = children[0]!.startMs;
  return { startMs, ms: children.at(-1)!.startMs - startMs, who, what, failed: children.some(({ failed }) => failed), children };
};

/** Groups lines by invocation. An invocation without a REPORT line is still running, or was killed. */
const buildInvocations = (who: string, lines: readonly Line[], reports: readonly Report[]): Invocation[] => {
  const invocations = new Map<Report | string, Span[]>();
  for (const line of lines) {
    const end = reportOf(line, reports) ?? line.stream;
    invocations.set(end, [...(invocations.get(end) ?? []), describeLine(line)]);
  }
  return [...invocations].map(([end, children]) => {
    if (typeof end === "string") return { requestId: end, span: buildSpan(who, "runs", children) };
    const [span, startMs] = [buildSpan(who, describeReport(end), children), end.atMs - end.ms];
    const isFailed = span.failed || /\bStatus: /.test(end.text);
    return { requestId: end.requestId, span: { ...span, startMs: Math.min(startMs, span.startMs), ms: end.ms, failed: isFailed } };
  });
};

/** Finds the invocation of a line by its request id. Lines that `console` did not write have none, but a stream has one invocation at a time. */
const reportOf = ({ stream, atMs, text }: Line, reports: readonly Report[]): Report | undefined => {
  const [, requestId] = PREFIX.exec(text) ?? [];
  return reports.find(report =>
    requestId === undefined ? report.stream === stream && report.atMs >= atMs : report.requestId === requestId,
  );
};

/** What Lambda writes before a line of `console`: time, request id, level. */
const PREFIX = /^\S+\t(\S+)\t\w+\t/;

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html */
const describeReport = ({ text }: Report): string => {
  const [, status] = /\bStatus: (\w+)/.exec(text) ?? [];
  const [, trace] = /\bXRAY TraceId: (\S+)/.exec(text) ?? [];
  const parts = ["ran", status, /\bInit Duration: /.test(text) ? "cold start" : undefined, trace && `X-Ray ${trace}`];
  return parts.filter(part => part !== undefined).join(", ");
};

/** Puts an invocation below the API's request that caused it, if there is one. The request began before the invocation, and ended after it. */
const wrapInRequest = (span: Span, request: AccessLine | undefined): Span => {
  if (request === undefined) return span;
  const { routeKey, status, responseLatency } = request;
  const ms = Math.max(Number(responseLatency), span.ms);
  return {
    startMs: span.startMs + span.ms - ms,
    ms,
    who: "API",
    what: `${routeKey}, ${status}`,
    failed: Number(status) >= 400,
    children: [span],
  };
};

/** Describes a line of `core/log`, or the numbers of a line of `core/metrics`. */
const describeLine = ({ atMs, text: line }: Line): Span => {
  const text = line.replace(PREFIX, "");
  const span = { startMs: atMs, ms: 0, who: "log", what: text, failed: false, children: [] };
  try {
    const { _aws, service, messageId, level, source, message, ...fields } = JSON.parse(text) as Record<string, unknown>;
    const about = Object.entries(fields).map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`);
    const what = [...(typeof message === "string" ? [message] : []), ...about].join(", ");
    return { ...span, who: _aws === undefined ? "log" : "metrics", what, failed: level === "error" };
  } catch {
    return span;
  }
};

export type { Span };
export { LogTrace };
