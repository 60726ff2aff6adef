/** Builds the webhook's reply: one line per token. */
import type { TokenCount } from "#core/message/tokens";

/** Slack truncates a message at 40,000 characters. */
const MAX_REPLY_CHARACTERS = 40_000;

const buildLine = ([token, count]: TokenCount): string => `\`${token}\` = ${count}`;

/** Counts how many of the first lines fit into this many characters, including line breaks. */
const countFitting = (lines: readonly string[], room: number): number => {
  let length = -1;
  const tooMany = lines.findIndex(line => {
    length += 1 + line.length;
    return length > room;
  });
  return tooMany === -1 ? lines.length : tooMany;
};

/** Takes the first tokens that a reply can show, assuming counts of one digit. The counts of the others need not be read. */
const takeShown = (tokens: readonly string[]): string[] => {
  const shortest = tokens.map(token => buildLine([token, 1]));
  return tokens.slice(0, countFitting(shortest, MAX_REPLY_CHARACTERS));
};

/**
 * Builds `` `word` = count `` lines in the given order, as many as fit into a Slack message, and then the number of tokens left. `counts` are
 * those of the tokens that `takeShown` returns.
 */
const buildReply = (counts: readonly TokenCount[], total = counts.length): string => {
  const lines = counts.map(buildLine);
  if (lines.length === total && countFitting(lines, MAX_REPLY_CHARACTERS) === total) return lines.join("\n");
  const shown = countFitting(lines, MAX_REPLY_CHARACTERS - `\n... and ${total} more`.length);
  return [...lines.slice(0, shown), `... and ${total - shown} more`].join("\n");
};

export { buildReply, MAX_REPLY_CHARACTERS, takeShown };
