/** Quotes input in error messages. */

/** Long enough to recognise a value, short enough for one line. */
const QUOTED_CHARACTERS = 60;

/** A literal would slow down each cold start (`normalize.ts`). */
const HIDDEN = "\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}";

/** Quotes any value: shortened, on one line, without backticks or control characters. */
const buildQuote = (value: unknown): string => {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  if (typeof value !== "string") return String(value);
  const visible = value.toWellFormed().replace(new RegExp(`[${HIDDEN}\`"]+`, "gu"), " ");
  // Enough for one character too many: a character takes at most two units.
  const characters = Array.from(visible.slice(0, 2 * (QUOTED_CHARACTERS + 1)));
  const shown = characters.slice(0, QUOTED_CHARACTERS).join("");
  return characters.length > QUOTED_CHARACTERS ? `"${shown}..."` : `"${shown}"`;
};

export { buildQuote };
