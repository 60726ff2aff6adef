/** So many letters fit into a node of the diagram. */
const lineLength = 16;

/** Cuts a name into two lines at its hyphens, dots or at signs; what is still too long is shortened. */
const splitName = (name: string): string[] => {
  if (name.length <= lineLength) return [name];
  const parts = name.split(/(?<=[-_.@/])/);
  let first = "";
  while (parts.length > 1 && (first + parts[0]!).length <= lineLength) first += parts.shift()!;
  return [first, parts.join("")].filter(line => line !== "").map(shorten);
};

const shorten = (line: string) => (line.length > lineLength + 1 ? `${line.slice(0, lineLength - 1)}…` : line);

export { splitName };
