/** The buttons under an agent's messages, the values that they send, and the messages that ask for approval. */

import type { EndState } from "#core/agent/task";
import { isJsonObject, type JsonObject } from "#core/json";
import { escapeMrkdwn } from "#core/slack/mrkdwn";
import { cutLines } from "#core/slack/section-text";

type LabelledAction = "agent_stop" | "agent_approve" | "agent_decline";
type AgentAction = LabelledAction | typeof FEEDBACK;

/** A person's rating of an answer. */
type Rating = "good" | "bad";

/** A press of a task's Stop button, a rating of its answer, or a decision about one call, which `key` identifies. */
type AgentPress =
  | { action: "agent_stop"; task: string }
  | { action: typeof FEEDBACK; task: string; rating: Rating }
  | { action: "agent_approve" | "agent_decline"; task: string; key: string };

/** The call to approve. */
interface Approval {
  tool: string;
  /** Escaped mrkdwn. */
  summary: string;
}

/** A message's blocks, and its text for notifications. */
interface Layout {
  text: string;
  blocks: JsonObject[];
}

/** Slack's element with two buttons, under one action. */
const FEEDBACK = "agent_feedback";
const LABELS: Record<LabelledAction, string> = { agent_stop: "Stop", agent_approve: "Approve", agent_decline: "Decline" };
const STYLES: Partial<Record<LabelledAction, string>> = { agent_stop: "danger", agent_approve: "primary", agent_decline: "danger" };

const isAgentAction = (value: unknown): value is AgentAction =>
  typeof value === "string" && (value === FEEDBACK || Object.hasOwn(LABELS, value));

const buildButton = (action: LabelledAction, value: JsonObject): JsonObject => ({
  type: "button",
  action_id: action,
  text: { type: "plain_text", text: LABELS[action] },
  ...(STYLES[action] === undefined ? {} : { style: STYLES[action] }),
  value: JSON.stringify(value),
});

// Verbatim: Slack must not turn names into mentions.
const buildSection = (text: string): JsonObject => ({ type: "section", text: { type: "mrkdwn", text: cutLines(text), verbatim: true } });

const buildStopRow = (task: string): JsonObject => ({ type: "actions", elements: [buildButton("agent_stop", { task })] });

/** Builds the row of buttons below an answer, with which people rate it. Source: https://docs.slack.dev/reference/block-kit/blocks/context-actions-block */
const buildFeedbackRow = (task: string): JsonObject => {
  const build = (rating: Rating, text: string) => ({ text: { type: "plain_text", text }, value: JSON.stringify({ task, rating }) });
  const buttons = { positive_button: build("good", "Good answer"), negative_button: build("bad", "Bad answer") };
  return { type: "context_actions", elements: [{ type: "feedback_buttons", action_id: FEEDBACK, ...buttons }] };
};

const buildApprovalMessage = ({ tool, summary }: Approval, task: string, key: string): Layout => ({
  text: `An agent asks for approval: ${tool}`,
  blocks: [
    buildSection(`An agent asks for approval of \`${tool}\`:\n${summary}`),
    { type: "actions", elements: [buildButton("agent_approve", { task, key }), buildButton("agent_decline", { task, key })] },
  ],
});

/** Builds the message that replaces it once `by` (a Slack user id) has decided. */
const buildDecidedMessage = ({ tool, summary }: Approval, state: "approved" | "declined", by: string): Layout => {
  const decision = state === "approved" ? "Approved" : "Declined";
  return {
    text: `${decision}: ${tool}`,
    blocks: [buildSection(`${decision} by <@${escapeMrkdwn(by)}>: \`${tool}\`\n${summary}`)],
  };
};

/** Builds the message that replaces it if the task ends before anybody decides. */
const buildOverMessage = ({ tool, summary }: Approval, state: EndState): Layout => ({
  text: `Nothing will be posted: ${tool}`,
  blocks: [buildSection(`The task has ended (${state}), so nothing will be posted or changed: \`${tool}\`\n${summary}`)],
});

const parseValue = (value: unknown): JsonObject => {
  try {
    const parsed: unknown = JSON.parse(String(value));
    return isJsonObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
};

/** As long as the gateway allows. DynamoDB refuses longer keys. */
const MAX_ID_CHARACTERS = 256;

const isId = (value: unknown): value is string => typeof value === "string" && value !== "" && value.length <= MAX_ID_CHARACTERS;

/** Parses a press; undefined if it is not one of our buttons. */
const parseAgentPress = (action: unknown, value: unknown): AgentPress | undefined => {
  const { task, key, rating } = parseValue(value);
  if (!isAgentAction(action) || !isId(task)) return undefined;
  if (action === "agent_stop") return { action, task };
  if (action === FEEDBACK) return rating === "good" || rating === "bad" ? { action, task, rating } : undefined;
  return isId(key) ? { action, task, key } : undefined;
};

export type { AgentPress, Approval, Layout, Rating };
export {
  buildApprovalMessage,
  buildDecidedMessage,
  buildFeedbackRow,
  buildOverMessage,
  buildSection,
  buildStopRow,
  FEEDBACK,
  isAgentAction,
  parseAgentPress,
};
