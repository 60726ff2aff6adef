/** Cuts a list into chunks of at most `size`, the first of at most `firstSize`. An empty list has one empty chunk. */
const chunk = <T>(items: readonly T[], size: number, firstSize = size): T[][] => {
  const chunks = [items.slice(0, firstSize)];
  for (let start = firstSize; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
};

export { chunk };
