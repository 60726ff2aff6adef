/** White letters are readable on each of them. */
const COLOURS = ["#2f6f4f", "#7a3e9d", "#b23a48", "#1f6f8b", "#8a5a00", "#3b5bdb", "#a0396f", "#55652a"];

/** A person's initials on a colour that follows from the name, which stands beside it. */
const Avatar = ({ name }: { name: string }) => (
  <span class="avatar" style={{ background: colourOf(name) }} aria-hidden="true">
    {initialsOf(name)}
  </span>
);

const colourOf = (name: string): string => {
  let sum = 0;
  for (const character of name) sum = (sum * 23 + character.codePointAt(0)!) % 9973;
  return COLOURS[sum % COLOURS.length]!;
};

/** The first letters of the first and the last word. */
const initialsOf = (name: string): string => {
  const words = name.split(/[\s_-]+/).filter(word => word !== "");
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(word => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase();
};

export { Avatar };
