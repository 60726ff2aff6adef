/** Makes the text of a growing answer safe to stream: what has been sent never changes, whatever follows. */
import { buildSafeMarkdown } from "#core/agent/safe-text";

/** A mention that is not complete yet: `<@U00`, `@chan`, or the beginning of a canvas's `![name](@U0001)`. */
const UNFINISHED = /(?:<[^<>]*|@[a-z]*|!|!?\[[^\]]*|!?\[[^\]]*\](?:\([^)]*)?)$/i;
/** Nothing that calls somebody is longer. */
const MAX_HELD_CHARACTERS = 500;

/** Cuts a text before what may become a mention with the characters that follow. */
const cutStreamable = (text: string): string => {
  const from = Math.max(0, text.length - MAX_HELD_CHARACTERS);
  const held = UNFINISHED.exec(text.slice(from));
  const cut = held === null ? text : text.slice(0, from + held.index);
  // A surrogate pair is sent as a whole.
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
};

const buildStreamText = (text: string): string => buildSafeMarkdown(text.toWellFormed());

export { buildStreamText, cutStreamable };
