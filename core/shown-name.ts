/** Names from outside, as they are safe to show to people: of files, uploads and what lies in them. */

/** Line breaks and control characters, and direction overrides, which let a name read as another one: `invoice\u202Efdp.exe`. */
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Builds a name on one line, well-formed, without direction overrides; it may be empty. */
const buildShownName = (name: string): string => name.toWellFormed().replace(DECEPTIVE, "").trim();

export { buildShownName };
