/** The webhook's reply: one line a token. */
import type { TokenCount } from "#core/tokens";

/** Slack cuts a message at 40,000 characters. */
const MAX_REPLY_CHARACTERS = 40_000;

/** Builds `` `word` = count `` lines in the given order, as many as a Slack message holds, then how many are left. */
const buildReply = (counts: readonly TokenCount[]): string => {
  const lines = counts.map(([token, count]) => `\`${token}\` = ${count}`);
  const whole = lines.join("\n");
  if (whole.length <= MAX_REPLY_CHARACTERS) return whole;
  const room = MAX_REPLY_CHARACTERS - `\n... and ${lines.length} more`.length;
  let length = -1;
  const fitting = lines.findIndex(line => {
    length += 1 + line.length;
    return length > room;
  });
  return [...lines.slice(0, fitting), `... and ${lines.length - fitting} more`].join("\n");
};

export { buildReply, MAX_REPLY_CHARACTERS };
