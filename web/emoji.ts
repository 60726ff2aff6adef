interface Emoji {
  /** As people see it in Slack. */
  sign: string;
  /** What plain fonts have instead: not every machine has a font with emoji. */
  plain?: string;
}

/** Emoji that apps here use, and a few that people do; others stay as they are written. */
const emoji: Record<string, Emoji> = {
  white_check_mark: { sign: "✔" },
  heavy_check_mark: { sign: "✔" },
  x: { sign: "✘" },
  warning: { sign: "⚠" },
  arrow_forward: { sign: "▶" },
  black_square_for_stop: { sign: "■" },
  hourglass: { sign: "⌛", plain: "◔" },
  hourglass_flowing_sand: { sign: "⏳", plain: "◔" },
  heart: { sign: "❤️", plain: "♥" },
  smile: { sign: "😄", plain: "☺" },
  tada: { sign: "🎉" },
  rocket: { sign: "🚀" },
  eyes: { sign: "👀" },
  bell: { sign: "🔔" },
  lock: { sign: "🔒" },
  unlock: { sign: "🔓" },
  fire: { sign: "🔥" },
  wave: { sign: "👋" },
  joy: { sign: "😂" },
  thinking_face: { sign: "🤔" },
  "+1": { sign: "👍" },
  thumbsup: { sign: "👍" },
  "-1": { sign: "👎" },
  robot_face: { sign: "🤖" },
};

/** Puts signs for `:names:`; where no font of this machine has a sign, its plain one, or the name as it was written. */
const drawEmoji = (text: string, canDraw = hasGlyph): string =>
  text.replace(/:([a-z0-9_+-]+):/g, (written, name: string) => {
    if (!Object.hasOwn(emoji, name)) return written;
    const { sign, plain } = emoji[name]!;
    return canDraw(sign) ? sign : (plain ?? written);
  });

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

export { drawEmoji };
