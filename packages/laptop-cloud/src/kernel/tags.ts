/** A tag, as most services write it. */
interface Tag {
  Key: string;
  Value: string;
}

const readTags = (tags: readonly Tag[] = []): Record<string, string> => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

const listTags = (tags: Record<string, string>): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const withoutTags = (tags: Record<string, string>, keys: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));

export type { Tag };
export { listTags, readTags, withoutTags };
