import type { StepDescriber } from "@slack-fanout/laptop-cloud/page/trace";

/** Describes what the pretend Slack did in a trace. */
const describeSlackStep: StepDescriber = ({ from = "", detail = {} }, row) => {
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

export { describeSlackStep };
