import { drawEmoji } from "./emoji";

const glyphs = new Map<string, boolean>();

/** Whether this machine has a font for a sign: else it looks as a code point does that no font has. */
const hasGlyph = (sign: string): boolean => {
  const known = glyphs.get(sign) ?? paint(sign) !== paint("\u{10fffd}");
  glyphs.set(sign, known);
  return known;
};

const paint = (sign: string): string => {
  const context = new OffscreenCanvas(20, 20).getContext("2d");
  if (context === null) return "";
  context.font = "12px system-ui, sans-serif";
  context.fillText(sign, 2, 15);
  return context.getImageData(0, 0, 20, 20).data.join();
};

/** Emoji as far as this machine has fonts for them. */
const showEmoji = (text: string) => drawEmoji(text, hasGlyph);

export { showEmoji };
