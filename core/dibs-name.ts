/** Names of shared things: one word, the same in any case. */
import { composeText } from "#core/normalize";
import type { Problem } from "#core/problem";
import { buildQuote } from "#core/quote";

const MAX_CHARACTERS = 64;
// Letters and digits of any script; no `#`, `/`, space or anything that begins a mention.
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u;

/** A word that says something else after `/dibs off`. */
const RESERVED = "all";

/** Parses a name; what is none comes back as the sentence to answer with. */
const parseName = (text: string): string | Problem => {
  const name = composeText(text.toWellFormed()).toLowerCase();
  if (/^<?[@#!]/.test(name)) return { problem: `${buildQuote(text)} is no name of a thing: take a word such as "staging".` };
  if (!NAME.test(name))
    return {
      problem: `I can't take ${buildQuote(text)} as a name: letters, digits, dots, hyphens and underscores, and a letter or digit first.`,
    };
  if (Array.from(name).length > MAX_CHARACTERS)
    return { problem: `${buildQuote(text)} is too long for a name: ${MAX_CHARACTERS} characters at most.` };
  if (name === RESERVED) return { problem: `"${RESERVED}" is a word of mine: take another name.` };
  return name;
};

export { parseName, RESERVED };
