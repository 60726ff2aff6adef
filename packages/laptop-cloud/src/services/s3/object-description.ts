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
const MAX_METADATA_BYTES = 2048;

/** The storage classes of general purpose buckets ("PutObject", x-amz-storage-class). */
const STORAGE_CLASSES = new Set([
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "DEEP_ARCHIVE",
  "GLACIER_IR",
]);

/** Reads an object's headers, metadata and tags. Throws `AwsError` InvalidTag, InvalidStorageClass, MetadataTooLarge. */
const readDescription = (input: DescriptionInput): ObjectDescription => {
  const { StorageClass } = input;
  if (StorageClass !== undefined && !STORAGE_CLASSES.has(StorageClass)) throw errors.invalidStorageClass(StorageClass);
  const headers: Record<string, string> = { ContentType: "binary/octet-stream" };
  for (const name of kept) if (input[name] !== undefined) headers[name] = input[name];
  if (input.Expires !== undefined) headers["Expires"] = input.Expires instanceof Date ? input.Expires.toUTCString() : input.Expires;
  const metadata = Object.fromEntries(Object.entries(input.Metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const sizeBytes = Object.entries(metadata).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (sizeBytes > MAX_METADATA_BYTES) throw errors.metadataTooLarge();
  return { headers, metadata, tags: parseTagging(input.Tagging) };
};

export type { DescriptionInput };
export { readDescription };
