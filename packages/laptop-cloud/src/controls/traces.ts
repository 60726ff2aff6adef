import type { RecordedCall } from "../kernel/calls";
import type { Occurrence } from "../kernel/occurrences";
import type { Cloud } from "../kernel/service";
import type { Trace } from "../protocol";

/** The trace of one message, by the id of its CloudEvent. */
const traceMessage = (cloud: Cloud, message: string): Trace => {
  const traces = cloud.occurrences.tracesOfMessage(message);
  return { traces, steps: sortSteps(cloud.occurrences.ofMessage(message), callsOf(cloud, new Set(traces))) };
};

/** The trace with this id. */
const traceRoot = (cloud: Cloud, root: string): Trace => {
  const occurrences = cloud.occurrences.all().filter(({ trace }) => trace === root);
  return { traces: [root], steps: sortSteps(occurrences, callsOf(cloud, new Set([root]))) };
};

const callsOf = (cloud: Cloud, traces: ReadonlySet<string>) => cloud.calls.all().filter(({ trace }) => trace !== null && traces.has(trace));

const sortSteps = (occurrences: Occurrence[], calls: RecordedCall[]): Trace["steps"] =>
  [...occurrences, ...calls.map(call => ({ kind: "call" as const, ...call }))].sort((a, b) => a.atMs - b.atMs);

export { traceMessage, traceRoot };
