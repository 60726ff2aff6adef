import type { RecordedCall } from "../kernel/calls";
import type { Occurrence } from "../kernel/occurrences";
import type { Cloud } from "../kernel/service";

type Step = Occurrence | ({ kind: "call" } & RecordedCall);

interface Trace {
  traces: string[];
  /** What happened and which AWS calls were made, in order of time. */
  steps: Step[];
}

/** Everything that one message (the id of its CloudEvent) brought about. */
const traceMessage = (cloud: Cloud, message: string): Trace => {
  const traces = cloud.occurrences.tracesOfMessage(message);
  return { traces, steps: sortSteps(cloud.occurrences.ofMessage(message), callsOf(cloud, new Set(traces))) };
};

/** Everything under one trace root. */
const traceRoot = (cloud: Cloud, root: string): Trace => {
  const occurrences = cloud.occurrences.all().filter(({ trace }) => trace === root);
  return { traces: [root], steps: sortSteps(occurrences, callsOf(cloud, new Set([root]))) };
};

const callsOf = (cloud: Cloud, traces: ReadonlySet<string>) => cloud.calls.all().filter(({ trace }) => trace !== null && traces.has(trace));

const sortSteps = (occurrences: Occurrence[], calls: RecordedCall[]): Step[] =>
  [...occurrences, ...calls.map(call => ({ kind: "call" as const, ...call }))].sort((a, b) => a.atMs - b.atMs);

export { traceMessage, traceRoot };
