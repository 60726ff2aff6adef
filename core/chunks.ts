/** Splits a list into chunks of up to `size` elements, the first of up to `firstSize`. Splits an empty list into one empty chunk. */
const chunk = <T>(items: readonly T[], size: number, firstSize = size): T[][] => {
  const chunks = [items.slice(0, firstSize)];
  for (let start = firstSize; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
};

export { chunk };
