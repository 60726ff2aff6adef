/** The buttons under messages about turn queues, and the values that they send. */
import { isJsonObject, type JsonObject } from "#core/json";
import { cutLines } from "#core/slack/section-text";

/** The value of a button: the queue, and for the holder's buttons the turn and the end that the message shows. */
interface ButtonValue {
  name: string;
  fencing?: number;
  expiresAtMs?: number;
}

type ButtonAction = "dibs_release" | "dibs_extend" | "dibs_join" | "dibs_leave";

const LABELS: Record<ButtonAction, string> = {
  dibs_release: "Release",
  dibs_extend: "Extend 1 h",
  dibs_join: "Join",
  dibs_leave: "Leave",
};

/** The time that *Extend 1 h* adds. */
const EXTENSION_MS = 3_600_000;

const isButtonAction = (value: unknown): value is ButtonAction => typeof value === "string" && Object.hasOwn(LABELS, value);

const buildButton = (action: ButtonAction, value: ButtonValue): JsonObject => ({
  type: "button",
  action_id: action,
  text: { type: "plain_text", text: LABELS[action] },
  value: JSON.stringify(value),
});

/** Builds a message's blocks: the text, and buttons under it. */
const buildBlocks = (text: string, actions: readonly ButtonAction[], value: ButtonValue): JsonObject[] => [
  { type: "section", text: { type: "mrkdwn", text: cutLines(text) } },
  ...(actions.length === 0 ? [] : [{ type: "actions", elements: actions.map(action => buildButton(action, value)) }]),
];

/** Parses a button's value; undefined if it is not one of ours. */
const parseButtonValue = (text: unknown): ButtonValue | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(String(text));
  } catch {
    return undefined;
  }
  if (!isJsonObject(value) || typeof value["name"] !== "string") return undefined;
  const { name, fencing, expiresAtMs } = value;
  return {
    name,
    ...(typeof fencing === "number" ? { fencing } : {}),
    ...(typeof expiresAtMs === "number" ? { expiresAtMs } : {}),
  };
};

export type { ButtonAction, ButtonValue };
export { buildBlocks, EXTENSION_MS, isButtonAction, parseButtonValue };
