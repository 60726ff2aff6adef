import { replaceEmoji } from "./emoji";

const known = new Map<string, boolean>();

/** Whether this machine has a font with a character. Without one, it looks like a code point that no font has. */
const hasGlyph = (character: string): boolean => {
  const result = known.get(character) ?? paint(character) !== paint("\u{10fffd}");
  known.set(character, result);
  return result;
};

const paint = (character: string): string => {
  const context = new OffscreenCanvas(20, 20).getContext("2d");
  if (context === null) return "";
  context.font = "12px system-ui, sans-serif";
  context.fillText(character, 2, 15);
  return context.getImageData(0, 0, 20, 20).data.join();
};

/** Replaces the emoji that this machine has fonts for. */
const renderEmoji = (text: string) => replaceEmoji(text, hasGlyph);

/** The character of an emoji such as `:tada:`; empty where this machine has none. */
const characterOf = (emoji: string) => (renderEmoji(emoji) === emoji ? "" : renderEmoji(emoji));

export { characterOf, renderEmoji };
