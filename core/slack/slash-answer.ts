/** Answers to slash commands. */
import type { JsonObject } from "#core/json";

/** A message as an answer; `in_channel` shows it to everybody in the channel. */
interface SlashAnswer {
  response_type: "ephemeral" | "in_channel";
  /** Escaped mrkdwn. */
  text: string;
  blocks?: JsonObject[];
}

/** Builds an answer that only the user sees. */
const tell = (text: string): SlashAnswer => ({ response_type: "ephemeral", text });

export type { SlashAnswer };
export { tell };
