/** Searching archived files: parses the question and builds the answer. */

import { countTokens } from "#core/message/tokens";
import type { Problem } from "#core/problem";
import { buildQuote } from "#core/quote";
import { escapeMrkdwn } from "#core/slack/mrkdwn";

/** An archived file, as search results show it. */
interface FoundFile {
  name: string;
  mimetype: string;
  sizeBytes: number;
  channel: string;
  user: string;
  /** Timestamp of the message that shared it. */
  ts: string;
}

const HELP = "Type `/archive #tag` to find the latest files that were shared with a hashtag.";

/** Parses the tag of a question, with or without `#`. Returns the sentence to answer with if the text is invalid. */
const parseTag = (text: string): { tag: string } | Problem => {
  const asked = text.trim();
  if (asked.replace(/[\s\p{Cf}]/gu, "") === "") return { problem: HELP };
  // If there are two `#`, the hashtag begins at the second.
  const [tags, words] = (["annotations", "words"] as const).map(split => countTokens(`#${asked}`, { split, ignoreWords: [] }));
  const [[tag = ""] = []] = tags!;
  const isWhole = tags!.length === 1 && words!.length === 0 && !/\s/.test(asked);
  return isWhole ? { tag } : { problem: `I can't read ${escapeMrkdwn(buildQuote(asked))} as one hashtag. ${HELP}` };
};

/** Builds the address of a message. Source: https://docs.slack.dev/interactivity/deep-linking */
const buildMessageLink = ({ channel, ts }: Pick<FoundFile, "channel" | "ts">): string =>
  `https://slack.com/app_redirect?channel=${channel}&message_ts=${ts}`;

const buildLine = (file: FoundFile, index: number): string => {
  const { name, mimetype, sizeBytes, user, channel, ts } = file;
  const seconds = Math.floor(Number(ts));
  const when = `<!date^${seconds}^{date_short_pretty} {time}|${new Date(seconds * 1000).toISOString()}>`;
  // A bar or a line break would end the label.
  const label = escapeMrkdwn(name.replace(/[|\s]+/g, " "));
  return `${index + 1}. <${escapeMrkdwn(buildMessageLink(file))}|${label}> (${escapeMrkdwn(mimetype)}, ${sizeBytes} bytes) by <@${user}> in <#${channel}>, ${when}`;
};

/** Builds the answer, as mrkdwn. */
const buildFileList = (tag: string, files: readonly FoundFile[]): string =>
  files.length === 0
    ? `No archived file has \`${escapeMrkdwn(tag)}\`.`
    : [`*Files with ${escapeMrkdwn(tag)}*`, ...files.map(buildLine)].join("\n");

export type { FoundFile };
export { buildFileList, buildMessageLink, parseTag };
