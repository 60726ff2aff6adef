/** `npm run trace -- ID`: what one message caused, from Slack to the last effect, as a tree. */
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { buildTrace } from "@slack-fanout/laptop-cloud/page/trace";
import { describeSlackStep } from "@slack-fanout/pretend-slack/page/trace";
import { defineScript, runScript, UsageError } from "./command-line";
import { type OperatedStack, readStack } from "./stack-outputs";
import { LogTrace, type Span } from "./trace/log-trace";

/** A message's id, `TEAM-CHANNEL-TS-DOOR`. A turn of the agent, and what came of an edit, has the id without the door. */
const MESSAGE_ID = /^(([A-Z0-9]+-[A-Z0-9]+-(\d+)\.\d+)(?:-\w+)?)$/;

/** Clocks differ, and Slack's `ts` comes before everything else. */
const BEFORE_MS = 60_000;

/** Reads what the laptop cloud recorded: the tree of its page. */
const readLaptop = async (page: string, id: string): Promise<Span[]> => {
  const response = await fetch(`${page}/control/traces?${new URLSearchParams({ message: id })}`);
  const { steps } = (await response.json()) as { steps: Parameters<typeof buildTrace>[0] };
  return buildTrace(steps, { slack: describeSlackStep });
};

/** Writes one line a span: milliseconds since the first, its name, what it did, and how long that took. */
const format = (spans: readonly Span[], fromMs = spans[0]?.startMs ?? 0, depth = 0): string[] =>
  spans.flatMap(({ startMs, ms, who, what, failed, children }) => [
    `${String(Math.round(startMs - fromMs)).padStart(8)} ms  ${"  ".repeat(depth)}${failed ? "✗ " : ""}${who}: ${what}${ms > 0 ? ` (${Math.round(ms)} ms)` : ""}`,
    ...format(children, fromMs, depth + 1),
  ]);

/** Throws `UsageError` if this is no message's id. */
const readTrace = ({ page, outputs, client }: OperatedStack, id: string): Promise<Span[]> => {
  const [, , subject, seconds] = MESSAGE_ID.exec(id) ?? [];
  if (subject === undefined)
    throw new UsageError(`The message is ${JSON.stringify(id)}, but must be an id such as T0001-C0001-1764412000.000100-events.`);
  if (page !== undefined) return readLaptop(page, id);
  return new LogTrace(new CloudWatchLogsClient(client)).read(
    outputs.logPrefix.replace("/aws/lambda/", ""),
    subject,
    Number(seconds) * 1000 - BEFORE_MS,
  );
};

const script = defineScript({
  name: "trace",
  usage: "ID [--stack STACK] [--json]",
  help: `Prints what one message caused, from Slack to the last effect, as a tree: on the laptop what its page shows, on AWS the same from the logs.

  ID             the message's id, which every log line has: TEAM-CHANNEL-TS-DOOR
  --stack STACK  the stack; "local" (default) is the running laptop cloud`,
  options: { stack: { type: "string", default: "local" } },
  maxArguments: 1,
  run: async ({ options: { stack }, arguments: [id = ""] }) => {
    const spans = await readTrace(readStack(stack), id);
    const problem = spans.length === 0 ? `Nothing is known of ${id}: it is too old, or there was no such message.` : undefined;
    return { text: format(spans).join("\n"), json: { spans }, problem };
  },
});

if (require.main === module) void runScript(script);

export { format, script };
