/** Emoji that apps here use, and a few that people do; others stay as they are written. */
const emoji: Record<string, string> = {
  // These are signs that plain fonts have too.
  white_check_mark: "✔",
  heavy_check_mark: "✔",
  x: "✘",
  warning: "⚠",
  tada: "🎉",
  rocket: "🚀",
  eyes: "👀",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  bell: "🔔",
  lock: "🔒",
  unlock: "🔓",
  fire: "🔥",
  heart: "❤️",
  wave: "👋",
  smile: "😄",
  joy: "😂",
  thinking_face: "🤔",
  "+1": "👍",
  thumbsup: "👍",
  "-1": "👎",
  robot_face: "🤖",
};

const drawEmoji = (text: string): string =>
  text.replace(/:([a-z0-9_+-]+):/g, (written, name: string) => (Object.hasOwn(emoji, name) ? emoji[name]! : written));

export { drawEmoji };
