/** So many letters fit into a node of the diagram. */
const lineLength = 15;

/** Cuts a long name into two lines, at the mark (hyphen, dot, at sign) that leaves the longer one shortest; what is still too long is shortened. */
const splitName = (name: string): string[] => {
  if (name.length <= lineLength) return [name];
  const cuts = [...name.matchAll(/[-_.@/]/g)].map(({ index }) => index + 1).filter(cut => cut < name.length);
  const longest = (cut: number) => Math.max(cut, name.length - cut);
  const [best] = cuts.sort((a, b) => longest(a) - longest(b));
  return (best === undefined ? [name] : [name.slice(0, best), name.slice(best)]).map(shorten);
};

/** Two letters more are narrow ones often enough. */
const shorten = (line: string) => (line.length > lineLength + 2 ? `${line.slice(0, lineLength)}…` : line);

export { splitName };
