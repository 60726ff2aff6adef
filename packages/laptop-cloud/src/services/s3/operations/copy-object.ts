import type { Call, OperationOf } from "../../../kernel/service";
import { authorizeObject } from "../access";
import type { ObjectDescription, StoredChecksum, StoredObject } from "../bucket";
import { checksumMember } from "../checksum";
import { errors } from "../errors";
import { findObject, type ObjectAddress } from "../find-object";
import { parseChecksumAlgorithm, receiveUpload } from "../incoming-body";
import { verifyKey } from "../names";
import { type DescriptionInput, readDescription } from "../object-description";
import { checkWrite, isNotModified, type Preconditions } from "../precondition";
import type { Store } from "../store";
import { versionOutput } from "../written-output";

type CopyObjectInput = {
  Bucket: string;
  Key: string;
  ChecksumAlgorithm?: string;
  MetadataDirective?: "COPY" | "REPLACE";
  TaggingDirective?: "COPY" | "REPLACE";
} & CopySourceInput &
  DescriptionInput &
  Preconditions;

interface CopySourceInput {
  CopySource: string;
  CopySourceIfMatch?: string;
  CopySourceIfNoneMatch?: string;
  CopySourceIfModifiedSince?: Date;
  CopySourceIfUnmodifiedSince?: Date;
}

/** Behaves as CopyObject (Amazon S3 API Reference); differs: the copy of a multipart object keeps its ETag and parts. */
const copyObject: OperationOf<Store> = async (store, input: CopyObjectInput, call) => {
  const { Bucket, Key } = input;
  const { source, address } = findSource(store, input, call);
  authorizeObject(store, call, "s3:PutObject", { Bucket, Key });
  const description = describe(store, input, source, address, call);
  verifyKey(Key);
  const target = store.bucket(Bucket);
  checkWrite(target.current(Key), Key, input);

  const { segments, checksum } = await duplicate(store, source, input);
  const { sizeBytes, etag } = source;
  const version = await store.put(
    Bucket,
    { key: Key, ...description, segments, sizeBytes, etag, checksum, partBytes: source.partBytes },
    { eventName: "ObjectCreated:Copy", call },
    current => checkWrite(current, Key, input),
  );
  return {
    CopyObjectResult: {
      ETag: `"${version.etag}"`,
      LastModified: new Date(version.modifiedMs),
      ...(checksum === undefined ? {} : { [checksumMember(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type }),
    },
    ...(address.VersionId === undefined ? {} : { CopySourceVersionId: address.VersionId }),
    ServerSideEncryption: "AES256",
    ...versionOutput(target, version),
  };
};

/** Finds the source. Throws `AwsError` PreconditionFailed, also where a read would answer "not modified". */
const findSource = (store: Store, input: CopySourceInput, call: Call) => {
  const address = parseCopySource(input.CopySource);
  const source = findObject(store, call, address, "s3:GetObject");
  const conditions: Preconditions = {
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  };
  if (isNotModified(source, conditions)) throw errors.preconditionFailed("x-amz-copy-source-if-none-match");
  return { source, address };
};

/** Reads `BUCKET/KEY` or `/BUCKET/KEY?versionId=ID`, URL-encoded. Throws `AwsError` InvalidArgument. */
const parseCopySource = (header: string): ObjectAddress => {
  const [path, query] = header.split("?versionId=", 2) as [string, string | undefined];
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decode(path)) ?? [];
  if (bucket === undefined || key === undefined) throw errors.invalidArgument("x-amz-copy-source", header, "BUCKET/KEY, URL-encoded");
  return { Bucket: bucket, Key: key, ...(query === undefined ? {} : { VersionId: query }) };
};

const decode = (path: string) => {
  try {
    return decodeURIComponent(path);
  } catch {
    throw errors.invalidArgument("x-amz-copy-source", path, "BUCKET/KEY, URL-encoded");
  }
};

const describe = (store: Store, input: CopyObjectInput, source: StoredObject, from: ObjectAddress, call: Call): ObjectDescription => {
  const said = readDescription(input);
  const { Bucket, Key } = input;
  const replaces = input.MetadataDirective === "REPLACE";
  const onto = store.bucket(Bucket).current(Key) === source;
  if (onto && !replaces && input.TaggingDirective !== "REPLACE" && input.StorageClass === undefined && from.VersionId === undefined) {
    throw errors.invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const tags = input.TaggingDirective === "REPLACE" ? said.tags : source.tags;
  if (Object.keys(tags).length > 0) {
    if (input.TaggingDirective !== "REPLACE") authorizeObject(store, call, "s3:GetObjectTagging", from);
    authorizeObject(store, call, "s3:PutObjectTagging", { Bucket, Key });
  }
  if (replaces) return { ...said, tags };
  const storageClass: Record<string, string> = input.StorageClass === undefined ? {} : { StorageClass: input.StorageClass };
  return { headers: { ...source.headers, ...storageClass }, metadata: source.metadata, tags };
};

/** A copy keeps its source's checksum, unless it requests another algorithm. */
const duplicate = async (
  store: Store,
  source: StoredObject,
  input: CopyObjectInput,
): Promise<{ segments: StoredObject["segments"]; checksum?: StoredChecksum }> => {
  const asked = parseChecksumAlgorithm(input.ChecksumAlgorithm);
  if (asked === undefined || asked === source.checksum?.algorithm) {
    return { segments: await store.bodies.duplicate(source.segments), checksum: source.checksum };
  }
  const chunks = store.bodies.read(source.segments, 0, source.sizeBytes - 1);
  return receiveUpload(store.bodies, { Body: { chunks, trailers: new Map(), announced: [] } }, asked);
};

export type { CopySourceInput };
export { copyObject, findSource };
