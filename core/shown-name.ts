/** Makes names of files, uploads and employees safe to show. */

/**
 * Control characters, line and paragraph separators, and invisible format characters: direction overrides make one name look like another
 * (`invoice\u202Efdp.exe`). The two joiners stay, because emoji and Persian words need them.
 */
const INVISIBLE = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Builds a well-formed name on one line, without invisible characters. It may be empty. */
const buildShownName = (name: string): string => name.toWellFormed().replace(INVISIBLE, "").trim();

export { buildShownName };
