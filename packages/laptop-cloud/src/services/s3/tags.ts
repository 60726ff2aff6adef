import { errors } from "./errors";

/** "Categorizing your objects using tags". */
const MAX_TAGS = 10;
const MAX_TAG_KEY_LENGTH = 128;
const MAX_TAG_VALUE_LENGTH = 256;

type Tags = Record<string, string>;

/** Reads the x-amz-tagging header, `team=red&kind=csv`. Throws `AwsError` InvalidTag. */
const parseTagging = (header: string | undefined): Tags => verifyTags([...new URLSearchParams(header)]);

/** Reads a tag set as SDK commands have it. Throws `AwsError` InvalidTag. */
const parseTagSet = (tagSet: { Key?: string; Value?: string }[]): Tags =>
  verifyTags(tagSet.map(({ Key = "", Value = "" }) => [Key, Value]));

const verifyTags = (entries: [string, string][]): Tags => {
  if (entries.length > MAX_TAGS) throw errors.invalidTag(`Object tags cannot be greater than ${MAX_TAGS}`);
  for (const [key, value] of entries) {
    if (key.length === 0 || key.length > MAX_TAG_KEY_LENGTH) throw errors.invalidTag("The TagKey you have provided is invalid");
    if (value.length > MAX_TAG_VALUE_LENGTH) throw errors.invalidTag("The TagValue you have provided is invalid");
  }
  const tags = Object.fromEntries(entries);
  if (Object.keys(tags).length < entries.length) throw errors.invalidTag("Cannot provide multiple Tags with the same key");
  return tags;
};

const toTagSet = (tags: Tags) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export { parseTagging, parseTagSet, toTagSet };
