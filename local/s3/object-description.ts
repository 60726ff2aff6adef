import type { ObjectDescription } from "./bucket";
import { errors } from "./errors";
import { parseTagging } from "./tags";

interface DescriptionInput {
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  ContentType?: string;
  Expires?: string | Date;
  Metadata?: Record<string, string>;
  StorageClass?: string;
  Tagging?: string;
}

const kept = ["CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "StorageClass"] as const;

/** "Working with object metadata": 2 KB of user-defined metadata. */
const largestMetadataBytes = 2048;

/** What the writer of an object says about it. Throws `AwsError` InvalidTag, MetadataTooLarge. */
const readDescription = (input: DescriptionInput): ObjectDescription => {
  const headers: Record<string, string> = { ContentType: "binary/octet-stream" };
  for (const name of kept) if (input[name] !== undefined) headers[name] = input[name];
  if (input.Expires !== undefined) headers["Expires"] = input.Expires instanceof Date ? input.Expires.toUTCString() : input.Expires;
  const metadata = Object.fromEntries(Object.entries(input.Metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const sizeBytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (sizeBytes > largestMetadataBytes) throw errors.metadataTooLarge();
  return { headers, metadata, tags: parseTagging(input.Tagging) };
};

export type { DescriptionInput };
export { readDescription };
