import type { Activity } from "./control";
import type { GraphNode, NodeKind } from "./graph";

/** The numbers on a node of the diagram. */
interface Figures {
  /** What went well, or lies there. Empty where there is nothing to say. */
  text: string;
  /** As much of it as fits into a node. */
  short: string;
  /** What went wrong, in words, and in signs that fit into a node. */
  trouble: string;
  signs: string;
}

const kindNames: Record<NodeKind, string> = {
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

const figuresOf = ({ id, kind, name, deadLetters }: GraphNode, activity: Activity | undefined): Figures => {
  if (activity === undefined) return { text: "", short: "", trouble: "", signs: "" };
  const {
    invocations = 0,
    errors = 0,
    retries = 0,
    published = 0,
    delivered = 0,
    started = 0,
    succeeded = 0,
    failed = 0,
    deadLetters: lost = 0,
  } = activity.tallies[id] ?? {};
  const dead = deadLetters === undefined ? (kind === "topic" ? lost : 0) : (activity.queues[deadLetters]?.visible ?? 0);
  const failures = kind === "machine" || kind === "container" ? failed : errors;
  const trouble = [countOf(failures, "error"), countOf(retries, "retry", "retries"), dead === 0 ? "" : `${dead} dead`];
  const signs = [signOf("✗", failures), signOf("↻", retries), signOf("✉", dead)];
  const text = workOf();
  const marks = join(signs, " ");
  return { text, short: shorten(text, lineLength - marks.length), trouble: join(trouble, ", "), signs: marks };

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

const runningOf = (count: number) => (count === 0 ? "none runs" : `${count} running`);

const depthOf = ({ queues }: Activity, name: string): string => {
  const { visible, inFlight, delayed } = queues[name] ?? { visible: 0, inFlight: 0, delayed: 0 };
  const parts = [
    visible === 0 ? "" : `${visible} waiting`,
    inFlight === 0 ? "" : `${inFlight} out`,
    delayed === 0 ? "" : `${delayed} later`,
  ];
  return visible + inFlight + delayed === 0 ? "empty" : join(parts, " · ");
};

/** So many characters fit into a node's line of numbers. */
const lineLength = 17;

const shorten = (text: string, length: number) => (text.length > length ? `${text.slice(0, Math.max(0, length - 1))}…` : text);

const join = (parts: string[], between: string) => parts.filter(part => part !== "").join(between);

const signOf = (sign: string, count: number) => (count === 0 ? "" : `${sign}${count}`);

const countOf = (count: number, one: string, many = `${one}s`) => (count === 0 ? "" : `${count} ${count === 1 ? one : many}`);

/** What a screen reader says of a node. */
const describeNode = ({ kind, name }: GraphNode, { text, trouble }: Figures): string =>
  join([name, kindNames[kind], kind === "function" && text !== "" ? countOf(Number(text), "invocation") : text, trouble], ", ");

export type { Figures };
export { describeNode, figuresOf, kindNames };
