/** Makes names chosen by other people safe to show: names of files, uploads and employees. */

/**
 * Control characters, line and paragraph separators, and format characters that nobody sees: direction overrides make one name look like
 * another (`invoice\u202Efdp.exe`). The two joiners stay, since emoji and Persian words need them.
 */
const UNSEEN = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Builds a name on one line, well-formed and without unseen characters; it may be empty. */
const buildShownName = (name: string): string => name.toWellFormed().replace(UNSEEN, "").trim();

export { buildShownName };
