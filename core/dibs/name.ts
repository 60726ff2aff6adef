/** Names of shared things: one word, the same in any case and any compatible form. A name is shown in lower case, as it was first written. */
import { composeText, foldText } from "#core/normalize";
import type { Problem } from "#core/problem";
import { buildQuote } from "#core/quote";

const MAX_CHARACTERS = 64;
/** A letter may be written as several characters that are composed to one. */
const MAX_WRITTEN_CHARACTERS = 4 * MAX_CHARACTERS;
// Letters and digits of any script; no `#`, `/`, space or anything that begins a mention.
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u;

/** A word that says something else after `/dibs off`. */
const RESERVED = "all";

/** Builds the key of a name. Names that fold to the same key, such as `größe` and `GRÖSSE`, mean the same thing. */
const foldName = (name: string): string => foldText(name);

/** Parses a name; what is none comes back as the sentence to answer with. */
const parseName = (text: string): string | Problem => {
  // However many marks are written over one letter, composing leaves a few.
  const isLong = text.length > MAX_WRITTEN_CHARACTERS;
  const name = composeText(text.toWellFormed()).toLowerCase();
  if (/^<?[@#!]/.test(name)) return { problem: `${buildQuote(text)} can't be a name: use a word such as "staging".` };
  if (isLong || Array.from(name).length > MAX_CHARACTERS)
    return { problem: `${buildQuote(text)} is too long for a name: ${MAX_CHARACTERS} characters at most.` };
  if (!NAME.test(name) || !NAME.test(foldName(name)))
    return {
      problem: `${buildQuote(text)} can't be a name: use letters, digits, dots, hyphens and underscores, and begin with a letter or digit.`,
    };
  if (foldName(name) === RESERVED) return { problem: `"${RESERVED}" is reserved: use another name.` };
  return name;
};

export { foldName, parseName, RESERVED };
