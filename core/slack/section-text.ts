/** The text of a section, Block Kit's paragraph. Source: https://docs.slack.dev/reference/block-kit/blocks/section-block */

/** Slack's limit. */
const MAX_SECTION_CHARACTERS = 3000;

/** Drops lines at the end until the rest fits. No single line of ours is longer than a section. */
const cutLines = (text: string, maxCharacters = MAX_SECTION_CHARACTERS): string => {
  if (text.length <= maxCharacters) return text;
  const more = "\n...";
  return `${text.slice(0, text.lastIndexOf("\n", maxCharacters - more.length))}${more}`;
};

export { cutLines, MAX_SECTION_CHARACTERS };
