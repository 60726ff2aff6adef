/** Characters that fit into one line of a node. */
const LINE_LENGTH = 15;

/** Splits a long name into two lines of about equal length, after a punctuation mark. A line that is still too long is cut. */
const splitName = (name: string): string[] => {
  if (name.length <= LINE_LENGTH) return [name];
  const cuts = [...name.matchAll(/[-_.@/]/g)].map(({ index }) => index + 1).filter(cut => cut < name.length);
  const longest = (cut: number) => Math.max(cut, name.length - cut);
  const [best] = cuts.sort((a, b) => longest(a) - longest(b));
  return (best === undefined ? [name] : [name.slice(0, best), name.slice(best)]).map(shorten);
};

/** Allows two characters more, because many characters are narrow. */
const shorten = (line: string) => (line.length > LINE_LENGTH + 2 ? `${line.slice(0, LINE_LENGTH)}…` : line);

export { splitName };
