import type { CallStep, Occurrence, Trace } from "../src/protocol";
import { shortenArn } from "./format";

/** One line of a trace. */
interface TraceRow {
  kind: string;
  startMs: number;
  /** Duration; 0 for an instant. */
  ms: number;
  who: string;
  what: string;
  failed: boolean;
}

type Step = Occurrence | CallStep;

/** A row with what happened inside it: an invocation with its calls, an execution with its states. */
interface TraceSpan extends TraceRow {
  /** The same after later steps were added. */
  id: string;
  /** What it stands for, without `children`. */
  steps: Step[];
  children: TraceSpan[];
}

/** Builds a step's row, which starts at the step's time minus `ms`. */
type RowBuilder = (who: string, what: string, ms?: number, failed?: boolean) => TraceRow;

/** Describes the steps of one kind: returns a row, or undefined to leave the step out. */
type StepDescriber = (step: Occurrence, row: RowBuilder) => TraceRow | undefined;

/** Describers by kind of step. */
type StepDescribers = Record<string, StepDescriber>;

/** Clocks of processes differ by this much, so a step may seem to lie outside of the one that caused it. */
const SLACK_MS = 5;

/** Builds the spans of a trace, sorted by start. A step that both the caller and the callee recorded is shown once. */
const buildTrace = (steps: Trace["steps"], describers: StepDescribers = {}): TraceSpan[] => {
  const spans = mergeSteps(steps)
    .flatMap(merged => buildSpan(merged, describers) ?? [])
    .sort((a, b) => a.startMs - b.startMs);
  const containers = buildContainers(spans);
  const all = [...spans, ...containers.values()].sort((a, b) => a.startMs - b.startMs);
  const invocations = new Map(all.flatMap(span => (requestIdOf(span) === undefined ? [] : [[requestIdOf(span)!, span] as const])));
  const roots: TraceSpan[] = [];
  for (const span of all) (findParent(span, { all, invocations, containers })?.children ?? roots).push(span);
  return roots;
};

/** A span and all spans inside it. */
const flatten = (span: TraceSpan): TraceSpan[] => [span, ...span.children.flatMap(flatten)];

type Merged = [Step, ...Step[]];

/** Puts together the steps that begin and end one invocation, one execution, or one state of an execution. */
const mergeSteps = (steps: readonly Step[]): Merged[] => {
  const merged = mergePhases(steps.filter(step => !isFirstDelivery(step)));
  for (const delivery of steps.filter(isFirstDelivery)) {
    const received = merged.find(([step]) => isReceipt(step, delivery));
    if (received === undefined) merged.push([delivery]);
    else received.splice(1, 0, delivery);
  }
  return merged;
};

const isFirstDelivery = (step: Step): boolean => !isCall(step) && step.kind === "deliver" && Number(step.detail?.["attempt"] ?? 1) === 1;

/** Whether a step shows the receiver's side of a delivery. */
const isReceipt = (step: Step, delivery: Step): boolean =>
  !isCall(step) && !isCall(delivery) && /^(invoke|send)$/.test(step.kind) && step.from === delivery.from && step.to === delivery.to;

const mergePhases = (steps: readonly Step[]): Merged[] => {
  const merged: Merged[] = [];
  const begun = new Map<string, Merged>();
  for (const step of steps) {
    const key = keyOf(step);
    const before = key === undefined ? undefined : begun.get(key);
    if (before !== undefined && !begins(step)) before.push(step);
    else {
      const own: Merged = [step];
      merged.push(own);
      if (key !== undefined) begun.set(key, own);
    }
  }
  return merged;
};

const keyOf = (step: Step): string | undefined => {
  if (isCall(step)) return undefined;
  const { kind, detail = {} } = step;
  if (kind === "invoke" || kind === "invoked") return `invocation ${detail["requestId"]}`;
  if (kind === "execution") return `execution ${detail["execution"]}`;
  return kind === "step" ? `step ${detail["execution"]} ${detail["state"]}` : undefined;
};

const begins = (step: Step) => !isCall(step) && (step.kind === "invoke" || step.detail?.["phase"] === "entered");

const buildSpan = (steps: Merged, describers: StepDescribers): TraceSpan | undefined => {
  const [first] = steps;
  const last = steps.findLast(step => step === first || step.kind !== "deliver")!;
  if (isCall(first)) {
    const row = buildCall(first);
    return row && { ...row, id: `call ${first.atMs} ${first.function} ${first.id} ${first.action}`, steps, children: [] };
  }
  if (isCall(last)) return undefined;
  const row = first.kind === "step" ? buildOccurrence(first, describers) : buildOccurrence(last, describers);
  if (row === undefined) return undefined;
  const id = keyOf(first) ?? `${first.kind} ${first.atMs} ${first.from} ${first.to} ${JSON.stringify(first.detail)}`;
  if (first === last) return { ...row, id, steps, children: [] };
  if (first.kind === "invoke") return { ...row, what: `${row.what}${describeTrigger(first)}`, id, steps, children: [] };
  return {
    ...row,
    id: first.kind === "step" ? `${id} ${first.atMs}` : id,
    startMs: first.atMs,
    ms: last.atMs - first.atMs,
    steps,
    children: [],
  };
};

/** " ← messages, try 2". An API or a state machine shows as the span around the invocation. */
const describeTrigger = ({ from = "", detail = {} }: Occurrence) => {
  const attempt = Number(detail["attempt"] ?? 1) > 1 ? `, try ${detail["attempt"]}` : "";
  return detail["type"] === "Event" ? ` ← ${from}${attempt}` : attempt;
};

/** A span for each container that made calls, by name. A container has no invocations. */
const buildContainers = (spans: readonly TraceSpan[]): Map<string, TraceSpan> => {
  const containers = new Map<string, TraceSpan>();
  for (const { startMs, ms, steps } of spans) {
    const [step] = steps;
    if (step === undefined || !isCall(step) || step.function === null || step.invocation !== null) continue;
    const { startMs: begunMs } = containers.get(step.function) ?? { startMs };
    containers.set(step.function, {
      kind: "container",
      id: `container ${step.function}`,
      who: step.function,
      what: "works",
      startMs: begunMs,
      ms: startMs + ms - begunMs,
      failed: false,
      steps: [],
      children: [],
    });
  }
  return containers;
};

interface Spans {
  all: readonly TraceSpan[];
  /** By request id. */
  invocations: ReadonlyMap<string, TraceSpan>;
  /** By name. */
  containers: ReadonlyMap<string, TraceSpan>;
}

const findParent = (span: TraceSpan, { all, invocations, containers }: Spans): TraceSpan | undefined => {
  const [step] = span.steps;
  if (step === undefined) return undefined;
  if (isCall(step))
    return invocations.get(step.invocation ?? "") ?? (step.invocation === null ? containers.get(step.function ?? "") : undefined);
  const { kind, from, to, detail = {} } = step;
  const around = (isParent: (other: Occurrence) => boolean) => {
    const found = all.filter(other => {
      const [own] = other.steps;
      return other !== span && own !== undefined && !isCall(own) && isParent(own) && isAround(other, span);
    });
    return found.at(-1);
  };
  switch (kind) {
    case "log":
      return invocations.get(String(detail["requestId"]));
    case "http":
      return around(other => other.kind !== "http" && other.kind !== "invoke" && other.to === to);
    case "invoke":
      return around(other => (other.kind === "http" || other.kind === "step") && other.to === to && detail["type"] !== "Event");
    case "step":
      return all.find(({ id }) => id === `execution ${detail["execution"]}`);
    case "publish":
    case "send":
      return around(other => (other.kind === "invoke" && other.to === from) || (other.kind === "step" && other.from === from));
    default:
      return undefined;
  }
};

const isAround = (outer: TraceSpan, inner: TraceSpan) =>
  outer.ms > 0 && outer.startMs <= inner.startMs + SLACK_MS && inner.startMs + inner.ms <= outer.startMs + outer.ms + SLACK_MS;

const requestIdOf = ({ steps: [step] }: TraceSpan): string | undefined =>
  step !== undefined && !isCall(step) && (step.kind === "invoke" || step.kind === "invoked")
    ? String(step.detail?.["requestId"])
    : undefined;

const isCall = (step: Step): step is CallStep => step.kind === "call";

const buildOccurrence = (step: Occurrence, describers: StepDescribers): TraceRow | undefined => {
  const { atMs, kind, from = "", to = "", detail = {} } = step;
  const durationMs = typeof detail["ms"] === "number" ? detail["ms"] : 0;
  const row: RowBuilder = (who, what, ms = 0, failed = false) => ({ kind, startMs: atMs - ms, ms, who, what, failed });
  const describer = describers[kind];
  if (describer !== undefined) return describer(step, row);
  switch (kind) {
    case "http":
      return row("API", `${detail["route"] ?? detail["path"]}, ${detail["status"]}`, durationMs, Number(detail["status"]) >= 400);
    case "invoked":
      return row(from, ranOf(detail), durationMs, "error" in detail || "reported" in detail);
    case "invoke":
      return row(to, "runs");
    case "publish":
    case "send":
      return row(from, `→ ${to}`);
    case "deliver":
      return row(from, `→ ${to}${Number(detail["attempt"] ?? 1) > 1 ? `, try ${detail["attempt"]}` : ""}`);
    case "receive":
      return row(to, `← ${from}`);
    case "retry":
      return row(from, `tries ${to === from ? "" : `${to} `}again: ${detail["error"] ?? ""}`, 0, true);
    case "dead-letter":
      return row(from, `gave up: dead letter in ${to}`, 0, true);
    case "execution":
      return row(to, `execution ${detail["phase"]}`, 0, !["started", "succeeded"].includes(String(detail["phase"])));
    case "step":
      return detail["phase"] === "entered" ? row(from, `step ${detail["state"]}`) : undefined;
    case "log":
      return row(
        from,
        `logs ${String(detail["line"])
          .replace(/^\S+\t\S+\t\w+\t/, "")
          .slice(0, 200)}`,
      );
    case "mail":
      return row("mail", `to ${to}: ${detail["subject"]}`);
    case "timer":
      return row(from, `timer → ${to}`);
    case "alarm":
      return row(from, `alarm: ${detail["from"]} → ${detail["to"]}`, 0, detail["to"] === "ALARM");
    default:
      return row(from, `${kind} ${to}`);
  }
};

const ranOf = ({ error, reported, cold }: Record<string, unknown>): string => {
  if (error !== undefined) return `failed: ${error}`;
  return ["ran", reported, cold === true ? "cold start" : undefined].filter(part => part !== undefined).join(", ");
};

/** Shows the AWS calls of functions. Calls between services have occurrences of their own. */
const buildCall = ({
  atMs,
  kind,
  function: name,
  action,
  resource,
  ms,
  allowed,
  error,
  throttledBy,
  fallback,
}: CallStep): TraceRow | undefined => {
  if (name === null || action.startsWith("logs:")) return undefined;
  const outcome = !allowed ? " denied" : error === null ? "" : ` ${error}`;
  // The partition key may contain a private word, so only `/control/calls` shows it.
  const limit = throttledBy === undefined ? "" : `: ${shortenArn(throttledBy.resource)} is at its limit`;
  const target = fallback ? "fallback" : resource === null ? "" : shortenArn(resource);
  const what = `${action} ${target}${outcome}${limit}`;
  return { kind, startMs: atMs - ms, ms, who: name, what, failed: outcome !== "" };
};

export type { Step, StepDescriber, StepDescribers, TraceRow, TraceSpan };
export { buildTrace, flatten };
