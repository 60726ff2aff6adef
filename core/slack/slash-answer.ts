/** How a slash command is answered. */
import type { JsonObject } from "#core/json";

/** A message as Slack takes it for an answer; `in_channel` shows it to all. */
interface SlashAnswer {
  response_type: "ephemeral" | "in_channel";
  /** mrkdwn, escaped already. */
  text: string;
  blocks?: JsonObject[];
}

/** Answers whoever asked, and nobody else. */
const tell = (text: string): SlashAnswer => ({ response_type: "ephemeral", text });

export type { SlashAnswer };
export { tell };
