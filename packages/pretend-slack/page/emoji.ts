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

/** Puts signs for `:names:`; where a sign can't be drawn, its plain one, or the name as it was written. */
const drawEmoji = (text: string, canDraw: (sign: string) => boolean): string =>
  text.replace(/:([a-z0-9_+-]+):/g, (written, name: string) => {
    if (!Object.hasOwn(emoji, name)) return written;
    const { sign, plain } = emoji[name]!;
    return canDraw(sign) ? sign : (plain ?? written);
  });

export { drawEmoji };
