/** Turns Markdown into Slack's own format, as Slack does with streamed text and `markdown` blocks. */

/** Parsed first, because code has no formatting inside. */
const CODE = /```[^\n]*\n?[\s\S]*?(?:```|$)|`[^`\n]+`/g;
/** A mention, such as `<@U0001>`, is the same in both formats. */
const ESCAPED_MENTION = /&lt;([@#!][^&\s]+)&gt;/g;
const LINK = /\[([^\]\n]+)\]\(((?:https?|mailto):[^\s)]+)\)/gi;
const BOLD_ITALIC = /\*\*\*(?=\S)([^\n]*?\S)\*\*\*/g;
const BOLD = /\*\*(?=\S)([^\n]*?\S)\*\*|__(?=\S)([^\n]*?\S)__/g;
const ITALIC = /(?<![*\p{L}\p{N}])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![*\p{L}\p{N}])/gu;
const STRIKE = /~~(?=\S)([^\n]*?\S)~~/g;
const HEADING = /^#{1,6}[ \t]+(.+?)[ \t]*#*$/gm;
const BULLET = /^([ \t]*)[-*+][ \t]+/gm;

/** Stands for the mark of bold text until italics are done, since both are stars. No text has it. */
const BOLD_MARK = "\u0001";

const toMrkdwn = (markdown: string): string => {
  let end = 0;
  let mrkdwn = "";
  for (const code of markdown.matchAll(CODE)) {
    mrkdwn += formatText(markdown.slice(end, code.index)) + formatCode(code[0]);
    end = code.index + code[0].length;
  }
  return mrkdwn + formatText(markdown.slice(end));
};

const formatText = (text: string): string =>
  escapeText(text)
    .replace(BULLET, "$1• ")
    .replace(HEADING, `${BOLD_MARK}$1${BOLD_MARK}`)
    .replace(BOLD_ITALIC, `${BOLD_MARK}_$1_${BOLD_MARK}`)
    .replace(BOLD, (_, stars: string | undefined, lines: string | undefined) => `${BOLD_MARK}${stars ?? lines}${BOLD_MARK}`)
    .replace(ITALIC, "_$1_")
    .replace(STRIKE, "~$1~")
    .replace(LINK, "<$2|$1>")
    .replaceAll(BOLD_MARK, "*");

/** The language after a fence is not shown. A block that still grows has no end yet. */
const formatCode = (code: string): string => {
  if (!code.startsWith("```")) return escapeText(code);
  const inside = code.replace(/^```[^\n]*\n?/, "").replace(/\n?(?:```)?$/, "");
  return inside === "" ? "" : `\`\`\`${escapeText(inside)}\`\`\``;
};

const escapeText = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(ESCAPED_MENTION, "<$1>");

export { toMrkdwn };
