/** Names of resources: one word, regardless of case and compatible forms. A name is shown in lower case, as it was first written. */
import { composeText, foldText } from "#core/normalize";
import type { Problem } from "#core/problem";
import { buildQuote } from "#core/quote";

const MAX_CHARACTERS = 64;
/** Composing can turn several characters into one letter. */
const MAX_WRITTEN_CHARACTERS = 4 * MAX_CHARACTERS;
// Letters and digits of any script, but no `#`, `/`, space or beginning of a mention.
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u;

/** A word with another meaning after `/dibs off`. */
const RESERVED = "all";

/** Folds a name to its key. Names with the same key, such as `größe` and `GRÖSSE`, are the same resource. */
const foldName = (name: string): string => foldText(name);

/** Parses a name. Returns the sentence to answer with if it is invalid. */
const parseName = (text: string): string | Problem => {
  // Composing limits the number of marks on a letter.
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
