interface Emoji {
  /** The character that Slack shows. */
  character: string;
  /** A similar character for machines without an emoji font. */
  plain?: string;
}

/** Emoji that our apps use, and a few that people use. Other names stay as written. */
const EMOJI: Record<string, Emoji> = {
  white_check_mark: { character: "✔" },
  heavy_check_mark: { character: "✔" },
  x: { character: "✘" },
  warning: { character: "⚠" },
  arrow_forward: { character: "▶" },
  black_square_for_stop: { character: "■" },
  hourglass: { character: "⌛", plain: "◔" },
  hourglass_flowing_sand: { character: "⏳", plain: "◔" },
  heart: { character: "❤️", plain: "♥" },
  smile: { character: "😄", plain: "☺" },
  tada: { character: "🎉" },
  rocket: { character: "🚀" },
  eyes: { character: "👀" },
  bell: { character: "🔔" },
  lock: { character: "🔒" },
  unlock: { character: "🔓" },
  fire: { character: "🔥" },
  wave: { character: "👋" },
  joy: { character: "😂" },
  thinking_face: { character: "🤔" },
  "+1": { character: "👍" },
  thumbsup: { character: "👍" },
  "-1": { character: "👎" },
  robot_face: { character: "🤖" },
};

/** Replaces `:names:` by characters. Where the font lacks a character, uses the plain one, or leaves the name. */
const replaceEmoji = (text: string, hasGlyph: (character: string) => boolean): string =>
  text.replace(/:([a-z0-9_+-]+):/g, (written, name: string) => {
    if (!Object.hasOwn(EMOJI, name)) return written;
    const { character, plain } = EMOJI[name]!;
    return hasGlyph(character) ? character : (plain ?? written);
  });

/** The names of the emoji. */
const EMOJI_NAMES = Object.keys(EMOJI);

export { EMOJI_NAMES, replaceEmoji };
