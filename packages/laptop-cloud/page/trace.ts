import type { Step } from "./control";
import { shortArn } from "./show";

/** One line of a trace. */
interface TraceRow {
  kind: string;
  startMs: number;
  /** How long it took; 0 for what only happened. */
  ms: number;
  who: string;
  what: string;
  failed: boolean;
}

/** Turns what happened into lines in the order of their beginnings. What is told twice, by the caller and by the called, is shown once. */
const buildTrace = (steps: Step[]): TraceRow[] =>
  steps
    .map(buildRow)
    .filter(row => row !== undefined)
    .sort((a, b) => a.startMs - b.startMs);

const buildRow = (step: Step): TraceRow | undefined => {
  const { atMs, kind, from = "", to = "", detail = {} } = step;
  const lasted = typeof detail["ms"] === "number" ? detail["ms"] : 0;
  const row = (who: string, what: string, ms = 0, failed = false): TraceRow => ({ kind, startMs: atMs - ms, ms, who, what, failed });
  switch (kind) {
    case "call":
      return buildCall(step, row);
    case "http":
      return row("API", `${detail["route"] ?? detail["path"]}, ${detail["status"]}`, lasted, Number(detail["status"]) >= 400);
    case "invoked":
      return row(
        from,
        detail["error"] === undefined ? (detail["cold"] === true ? "ran, cold start" : "ran") : `failed: ${detail["error"]}`,
        lasted,
        "error" in detail,
      );
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
    case "slack":
      return buildSlack(step, row);
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

type Row = (who: string, what: string, ms?: number, failed?: boolean) => TraceRow;

/** Calls between services are told by occurrences; what functions ask of AWS only stands here. */
const buildCall = ({ function: name, action = "", resource, ms = 0, allowed, error }: Step, row: Row): TraceRow | undefined => {
  if (name === null || name === undefined || action.startsWith("logs:")) return undefined;
  const outcome = allowed === false ? " denied" : typeof error === "string" ? ` ${error}` : "";
  return row(name, `${action} ${resource == null ? "" : shortArn(resource)}${outcome}`, ms, outcome !== "");
};

const buildSlack = ({ from = "", detail = {} }: Step, row: Row): TraceRow | undefined => {
  const { change, door, event, status, state, reason, ms } = detail;
  if (change === "posted") return row("Slack", from.startsWith("U") && from !== "slack" ? `${from} says` : "shows an answer");
  if (change === "delivery") {
    const outcome = state === "delivered" ? String(status) : [state, status, reason].filter(Boolean).join(" ");
    return row(
      "Slack",
      `→ ${door}${event === undefined ? "" : ` (${event})`}, ${outcome}`,
      typeof ms === "number" ? ms : 0,
      state !== "delivered",
    );
  }
  return row("Slack", String(change));
};

export type { TraceRow };
export { buildTrace };
