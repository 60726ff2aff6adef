/** Builds the layout of a notice in Slack. Limits: https://docs.slack.dev/reference/block-kit/blocks/section-block */
import type { JsonObject } from "#core/json";
import type { Notice } from "#core/notice/notice";
import { escapeMrkdwn } from "#core/slack/mrkdwn";
import { MAX_SECTION_CHARACTERS } from "#core/slack/section-text";

interface Layout {
  /** The fallback for notifications. */
  text: string;
  blocks: JsonObject[];
}

const MAX_FIELD_CHARACTERS = 2000;
const MAX_FIELDS = 10;

const SIGN = { success: ":white_check_mark:", error: ":x:" };

// Escaping makes the text longer, and half an entity would be visible. So cut first, to a length that fits even if every character becomes `&amp;`.
const escapeUpTo = (text: string, maxCharacters: number): string => {
  const whole = escapeMrkdwn(text);
  if (whole.length <= maxCharacters) return whole;
  const cut = text.slice(0, Math.floor(maxCharacters / "&amp;".length) - 1).toWellFormed();
  return `${escapeMrkdwn(cut)}…`;
};

const buildMarkdown = (text: string): JsonObject => ({ type: "mrkdwn", text, verbatim: true });

/** Builds blocks and their fallback. Escapes everything, so that a name like `<!channel>` is harmless. */
const buildLayout = ({ outcome, title, text, fields = {}, blocks }: Notice): Layout => {
  const heading = `${SIGN[outcome]} *${escapeUpTo(title, MAX_FIELD_CHARACTERS / 2)}*`;
  // A text that begins with the title, for e-mails, would say it twice below the heading.
  const rest = text.startsWith(`${title}. `) ? text.slice(title.length + 2) : text;
  const said = escapeUpTo(rest, MAX_SECTION_CHARACTERS - heading.length - 1);
  const facts = Object.entries(fields)
    .filter(([, value]) => value !== "")
    .slice(0, MAX_FIELDS)
    .map(([name, value]) => buildMarkdown(`*${escapeUpTo(name, 100)}*\n${escapeUpTo(value, MAX_FIELD_CHARACTERS - 200)}`));
  return {
    text: `${escapeUpTo(title, MAX_FIELD_CHARACTERS / 2)}: ${said}`,
    blocks: blocks ?? [
      { type: "section", text: buildMarkdown(`${heading}\n${said}`) },
      ...(facts.length === 0 ? [] : [{ type: "section", fields: facts }]),
    ],
  };
};

export { buildLayout };
