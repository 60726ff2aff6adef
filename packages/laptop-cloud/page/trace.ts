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

/** Builds a step's row, which starts at the step's time minus `ms`. */
type RowBuilder = (who: string, what: string, ms?: number, failed?: boolean) => TraceRow;

/** Describes the steps of one kind: returns a row, or undefined to leave the step out. */
type StepDescriber = (step: Occurrence, row: RowBuilder) => TraceRow | undefined;

/** Describers by kind of step. */
type StepDescribers = Record<string, StepDescriber>;

/** Builds the rows of a trace, sorted by start. A step that both the caller and the callee recorded is shown once. */
const buildTrace = (steps: Trace["steps"], describers: StepDescribers = {}): TraceRow[] =>
  steps
    .map(step => buildRow(step, describers))
    .filter(row => row !== undefined)
    .sort((a, b) => a.startMs - b.startMs);

const buildRow = (step: Occurrence | CallStep, describers: StepDescribers): TraceRow | undefined =>
  isCall(step) ? buildCall(step) : buildOccurrence(step, describers);

const isCall = (step: Occurrence | CallStep): step is CallStep => step.kind === "call";

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
      return undefined;
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

export type { StepDescriber, StepDescribers, TraceRow };
export { buildTrace };
