/** The pages that the operator writes as texts: `# ` begins the title, `## ` a heading, and an empty line separates paragraphs. */
import { buildPage, escapeHtml } from "#core/http/page";

const TITLE = /^# (.+)$/;
const HEADING = /^## (.+)$/;

/** Builds the page of a text. Other markup in the text is shown as it is. Throws if the text has no title. */
const buildLegalPage = (text: string): string => {
  const blocks = text
    .split(/\r?\n(?:[ \t]*\r?\n)+/)
    .map(block => block.trim())
    .filter(block => block !== "");
  const [, title] = TITLE.exec(blocks[0] ?? "") ?? [];
  if (title === undefined) throw new Error('The text must begin with a title such as "# Privacy".');
  return buildPage(title, blocks.slice(1).map(buildBlock).join("\n"));
};

const buildBlock = (block: string): string => {
  const [, heading] = HEADING.exec(block) ?? [];
  return heading === undefined ? `<p>${escapeHtml(block)}</p>` : `<h2>${escapeHtml(heading)}</h2>`;
};

export { buildLegalPage };
