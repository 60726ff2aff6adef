import { AwsError } from "../../../kernel/aws-error";
import type { Call, OperationOf } from "../../../kernel/service";
import type { StoredObject } from "../bucket";
import { type ByteRange, parseByteRange } from "../byte-range";
import { errors } from "../errors";
import { findObject } from "../find-object";
import { isNotModified, type Preconditions } from "../precondition";
import type { Store } from "../store";
import { checksumOutput, versionOutput } from "../written-output";

type GetObjectInput = {
  Bucket: string;
  Key: string;
  VersionId?: string;
  Range?: string;
  PartNumber?: number;
  ChecksumMode?: string;
} & Preconditions &
  Overrides;

interface Overrides {
  ResponseCacheControl?: string;
  ResponseContentDisposition?: string;
  ResponseContentEncoding?: string;
  ResponseContentLanguage?: string;
  ResponseContentType?: string;
  ResponseExpires?: string;
}

/** Behaves as GetObject (Amazon S3 API Reference). `Body` is a stream. */
const getObject: OperationOf<Store> = async (store, input: GetObjectInput, call) => {
  const { version, range, output } = find(store, input, call);
  return { ...output, Body: store.bodies.read(version.segments, range?.start ?? 0, range?.end ?? version.sizeBytes - 1) };
};

const headObject: OperationOf<Store> = async (store, input: GetObjectInput, call) => find(store, input, call).output;

const find = (store: Store, input: GetObjectInput, call: Call) => {
  const version = findObject(store, call, input, "s3:GetObject");
  if (isNotModified(version, input)) throw notModified(version);
  const range = rangeOf(version, input);
  const described: Record<string, string> = { ...version.headers, ...overridesOf(input) };
  // The standard class is not returned.
  if (described["StorageClass"] === "STANDARD") delete described["StorageClass"];
  const output = {
    AcceptRanges: "bytes",
    ...described,
    ContentLength: range === undefined ? version.sizeBytes : range.end - range.start + 1,
    ...(range === undefined ? {} : { ContentRange: `bytes ${range.start}-${range.end}/${version.sizeBytes}` }),
    ETag: `"${version.etag}"`,
    LastModified: new Date(version.modifiedMs),
    Metadata: version.metadata,
    ServerSideEncryption: "AES256",
    ...(input.PartNumber === undefined ? {} : { PartsCount: version.partBytes?.length }),
    ...(Object.keys(version.tags).length === 0 ? {} : { TagCount: Object.keys(version.tags).length }),
    // The checksum covers the whole object.
    ...(input.ChecksumMode === "ENABLED" && range === undefined ? checksumOutput(version.checksum) : {}),
    ...versionOutput(store.bucket(input.Bucket), version),
  };
  return { version, range, output };
};

const rangeOf = (version: StoredObject, { Range, PartNumber }: GetObjectInput): ByteRange | undefined => {
  if (PartNumber === undefined) return parseByteRange(Range, version.sizeBytes);
  if (Range !== undefined) throw errors.invalidRequest("Cannot specify both Range header and partNumber query parameter");
  const parts = version.partBytes ?? [version.sizeBytes];
  const sizeBytes = parts[PartNumber - 1];
  if (sizeBytes === undefined) throw new AwsError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
  if (sizeBytes === 0) return undefined;
  const start = parts.slice(0, PartNumber - 1).reduce((sum, part) => sum + part, 0);
  return { start, end: start + sizeBytes - 1 };
};

const overridesOf = (input: GetObjectInput) => {
  const overrides = Object.entries(input).filter(([name, value]) => name.startsWith("Response") && value !== undefined);
  return Object.fromEntries(overrides.map(([name, value]) => [name.slice("Response".length), String(value)]));
};

const notModified = (version: StoredObject) =>
  new AwsError("NotModified", "Not Modified", 304).withHeaders({
    etag: `"${version.etag}"`,
    "last-modified": new Date(version.modifiedMs).toUTCString(),
  });

export { getObject, headObject };
