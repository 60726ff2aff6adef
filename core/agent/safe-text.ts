/** Text that an agent wrote, made safe to post: it can name people and channels, but call nobody. */
import { escapeMrkdwn } from "#core/slack/mrkdwn";

/** Joins words and is not seen; after the sign, Slack finds no name. */
const WORD_JOINER = "\u2060";
const BROADCAST = /@(?=(?:here|channel|everyone|group)\b)/gi;
/** What Slack's own markup does in angle brackets, links alone call nobody. Source: https://docs.slack.dev/messaging/formatting-message-text */
const LINK = /<((?:https?:\/\/|mailto:)[^<>|\s]+)(?:\|([^<>|]*))?>/gi;
/** How a canvas mentions people and channels. Source: https://docs.slack.dev/surfaces/canvases */
const CANVAS_TARGET = /^\(\s*<?[@#]/;

const breakBroadcasts = (text: string): string => text.replace(BROADCAST, `@${WORD_JOINER}`);

/** Builds mrkdwn in which links stay links and every mention is mere text. */
const buildSafeMrkdwn = (text: string): string => {
  let built = "";
  let end = 0;
  for (const { 0: link, 1: url = "", 2: label, index } of text.matchAll(LINK)) {
    built += breakBroadcasts(escapeMrkdwn(text.slice(end, index)));
    // What is escaped already (&amp;) stays so: the agent wrote markup here, not text.
    built += label === undefined ? `<${url}>` : `<${url}|${breakBroadcasts(label)}>`;
    end = index + link.length;
  }
  return built + breakBroadcasts(escapeMrkdwn(text.slice(end)));
};

/** Turns a canvas's mentions (`![name](@U0001)`) into links to nowhere. Each piece between two `]` is looked at once, so this is linear. */
const breakCanvasMentions = (markdown: string): string =>
  markdown
    .split("]")
    .map((piece, index, pieces) => (CANVAS_TARGET.test(pieces[index + 1] ?? "") ? piece.replaceAll("![", "[") : piece))
    .join("]");

/** Builds a canvas's markdown without mentions; angle brackets are markup of Slack's there too. */
const buildSafeMarkdown = (markdown: string): string => breakBroadcasts(breakCanvasMentions(markdown).replace(/<(?=[@!#])/g, "&lt;"));

export { buildSafeMarkdown, buildSafeMrkdwn };
