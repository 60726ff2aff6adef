import type { Activity, Tally } from "../src/protocol";
import type { GraphNode, NodeKind } from "./graph";
import type { Group } from "./grouping";

/** The numbers on a node of the diagram. Texts are empty where there is nothing to count. */
interface NodeNumbers {
  /** Work done, or messages held: "2 → 14", "3 waiting". */
  work: string;
  /** The same, cut to the width of a node. */
  shortWork: string;
  /** Failures in words, and as symbols that fit into a node. */
  failures: string;
  failureSymbols: string;
}

const KIND_NAMES: Record<NodeKind, string> = {
  api: "HTTP API",
  function: "function",
  container: "container",
  topic: "topic",
  queue: "queue",
  table: "table",
  bucket: "bucket",
  machine: "state machine",
  schedule: "schedule",
  mail: "e-mail",
};

const countNode = ({ id, kind, name, deadLetters }: GraphNode, activity: Activity | undefined): NodeNumbers => {
  if (activity === undefined) return { work: "", shortWork: "", failures: "", failureSymbols: "" };
  const tally: Partial<Tally> = activity.tallies[id] ?? {};
  const {
    invocations = 0,
    errors = 0,
    reportedFailures = 0,
    retries = 0,
    published = 0,
    delivered = 0,
    started = 0,
    succeeded = 0,
    failed = 0,
    deadLetters: lost = 0,
  } = tally;
  const dead = deadLetters === undefined ? (kind === "topic" ? lost : 0) : (activity.queues[deadLetters]?.visible ?? 0);
  const errorCount = kind === "machine" || kind === "container" ? failed : errors;
  const failures = [
    countOf(errorCount, "error"),
    countOf(reportedFailures, "reported failure"),
    countOf(retries, "retry", "retries"),
    countOf(dead, "dead letter"),
  ];
  const symbols = [symbolOf("✗", errorCount + reportedFailures), symbolOf("↻", retries), symbolOf("✉", dead)];
  const work = workOf();
  const failureSymbols = join(symbols, " ");
  return { work, shortWork: shorten(work, LINE_LENGTH - failureSymbols.length), failures: join(failures, ", "), failureSymbols };

  function workOf(): string {
    switch (kind) {
      case "function":
        return invocations === 0 ? "" : String(invocations);
      case "topic":
        return published === 0 ? "" : `${published} → ${delivered}`;
      case "queue":
        return depthOf(activity!, name);
      case "container":
        return runningOf(started - succeeded - failed);
      case "machine":
        return started === 0 ? "" : String(started);
      default:
        return "";
    }
  }
};

/** The work of a group is its functions' and its state machines'. */
const countGroup = ({ members }: Group, activity: Activity | undefined): NodeNumbers => {
  const counts = members.map(member => countNode(member, activity));
  const tallies = members.map(({ id }) => activity?.tallies[id]);
  const runs = sum(members.map(({ kind }, index) => (kind === "function" ? (tallies[index]?.invocations ?? 0) : 0)));
  const failing = counts.filter(({ failures }) => failures !== "").length;
  const work = countOf(runs, "invocation");
  const failureSymbols = symbolOf("✗", failing);
  return {
    work,
    shortWork: shorten(work, LINE_LENGTH - failureSymbols.length),
    failures: countOf(failing, "failing resource"),
    failureSymbols,
  };
};

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

const runningOf = (count: number) => (count === 0 ? "none running" : `${count} running`);

const depthOf = ({ queues }: Activity, name: string): string => {
  const { visible, inFlight, delayed } = queues[name] ?? { visible: 0, inFlight: 0, delayed: 0 };
  const parts = [
    visible === 0 ? "" : `${visible} waiting`,
    inFlight === 0 ? "" : `${inFlight} in flight`,
    delayed === 0 ? "" : `${delayed} delayed`,
  ];
  return visible + inFlight + delayed === 0 ? "empty" : join(parts, " · ");
};

/** Characters that fit into a node's line of numbers. */
const LINE_LENGTH = 17;

const shorten = (text: string, length: number) => (text.length > length ? `${text.slice(0, Math.max(0, length - 1))}…` : text);

const join = (parts: string[], between: string) => parts.filter(part => part !== "").join(between);

const symbolOf = (symbol: string, count: number) => (count === 0 ? "" : `${symbol}${count}`);

const countOf = (count: number, one: string, many = `${one}s`) => (count === 0 ? "" : `${count} ${count === 1 ? one : many}`);

/** The text of a node for screen readers. */
const describeNode = ({ kind, name }: GraphNode, { work, failures }: NodeNumbers): string =>
  join([name, KIND_NAMES[kind], kind === "function" && work !== "" ? countOf(Number(work), "invocation") : work, failures], ", ");

const describeGroup = ({ name, members }: Group, { work, failures }: NodeNumbers): string =>
  join([name, `group of ${members.length} resources`, work, failures], ", ");

export type { NodeNumbers };
export { countGroup, countNode, describeGroup, describeNode, KIND_NAMES };
