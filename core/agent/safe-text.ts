/** Makes an agent's text safe to post: it may name people and channels, but must not notify anybody. */
import { escapeMrkdwn } from "#core/slack/mrkdwn";

/** The word joiner is invisible; after `@` or `#`, it keeps Slack from finding a name. */
const WORD_JOINER = "\u2060";
const BROADCAST = /@(?=(?:here|channel|everyone|group)\b)/gi;
/** Slack's markup in angle brackets. Only links notify nobody. Source: https://docs.slack.dev/messaging/formatting-message-text */
const LINK = /<((?:https?:\/\/|mailto:)[^<>|\s]+)(?:\|([^<>|]*))?>/gi;
/** The syntax of mentions in a canvas. Source: https://docs.slack.dev/surfaces/canvases */
const CANVAS_TARGET = /^\(\s*<?[@#]/;

const breakBroadcasts = (text: string): string => text.replace(BROADCAST, `@${WORD_JOINER}`);

/** Builds mrkdwn in which links stay links and every mention becomes plain text. */
const buildSafeMrkdwn = (text: string): string => {
  let built = "";
  let end = 0;
  for (const { 0: link, 1: url = "", 2: label, index } of text.matchAll(LINK)) {
    built += breakBroadcasts(escapeMrkdwn(text.slice(end, index)));
    // Keep existing entities (&amp;), because the agent wrote markup here.
    built += label === undefined ? `<${url}>` : `<${url}|${breakBroadcasts(label)}>`;
    end = index + link.length;
  }
  return built + breakBroadcasts(escapeMrkdwn(text.slice(end)));
};

/** Turns a canvas's mentions (`![name](@U0001)`) into dead links. Looks at each piece between two `]` once, so it takes linear time. */
const breakCanvasMentions = (markdown: string): string =>
  markdown
    .split("]")
    .map((piece, index, pieces) => (CANVAS_TARGET.test(pieces[index + 1] ?? "") ? piece.replaceAll("![", "[") : piece))
    .join("]");

/** Builds a canvas's markdown without mentions. Angle brackets are Slack markup there too. */
const buildSafeMarkdown = (markdown: string): string => breakBroadcasts(breakCanvasMentions(markdown).replace(/<(?=[@!#])/g, "&lt;"));

export { buildSafeMarkdown, buildSafeMrkdwn };
