import type { Call, OperationOf } from "../../../kernel/service";
import { authorizeBucket } from "../access";
import type { Bucket, StoredObject, Version } from "../bucket";
import { errors } from "../errors";
import { compareKeys } from "../key-order";
import { encodeListed, type ListingPage, listKeys } from "../listing";
import type { Store } from "../store";
import { checksumOutput } from "../written-output";

interface ListInput {
  Bucket: string;
  Prefix?: string;
  Delimiter?: string;
  MaxKeys?: number;
  EncodingType?: string;
}

type ListV2Input = ListInput & { ContinuationToken?: string; StartAfter?: string; FetchOwner?: boolean };
type ListV1Input = ListInput & { Marker?: string };
type ListVersionsInput = ListInput & { KeyMarker?: string; VersionIdMarker?: string };

/** A version or a common prefix. */
interface Listed {
  key: string;
  version?: Version;
}

/** Maximum, whatever the request asks for. */
const MAX_KEYS = 1000;

const listObjectsV2: OperationOf<Store> = async (store, input: ListV2Input, call) => {
  const bucket = open(store, input, "s3:ListBucket", call);
  const after = input.ContinuationToken === undefined ? (input.StartAfter ?? "") : decodeToken(input.ContinuationToken);
  const page = listPage(bucket, input, after, input.ContinuationToken !== undefined);
  return {
    ...echo(input, page.next),
    ...(input.StartAfter === undefined ? {} : { StartAfter: encoder(input)(input.StartAfter) }),
    ...(input.ContinuationToken === undefined ? {} : { ContinuationToken: input.ContinuationToken }),
    ...(page.next === undefined ? {} : { NextContinuationToken: encodeToken(page.next) }),
    KeyCount: page.keys.length + page.commonPrefixes.length,
    ...contents(store, bucket, input, page, input.FetchOwner === true),
  };
};

const listObjects: OperationOf<Store> = async (store, input: ListV1Input, call) => {
  const bucket = open(store, input, "s3:ListBucket", call);
  const page = listPage(bucket, input, input.Marker ?? "", true);
  return {
    ...echo(input, page.next),
    Marker: encoder(input)(input.Marker ?? ""),
    // Without a delimiter the last key is the next marker.
    ...(page.next === undefined || input.Delimiter === undefined ? {} : { NextMarker: encoder(input)(page.next) }),
    ...contents(store, bucket, input, page, true),
  };
};

const listObjectVersions: OperationOf<Store> = async (store, input: ListVersionsInput, call) => {
  const bucket = open(store, input, "s3:ListBucketVersions", call);
  const { KeyMarker = "", VersionIdMarker } = input;
  const left = VersionIdMarker === undefined ? [] : versionsBehind(bucket, KeyMarker, VersionIdMarker);
  const page = listKeys(bucket.keys(), { ...scopeOf(input), after: KeyMarker, afterPrefix: true, max: Number.POSITIVE_INFINITY });
  const behind = [...page.keys, ...page.commonPrefixes]
    .sort(compareKeys)
    .flatMap((listed): Listed[] =>
      page.commonPrefixes.includes(listed) ? [{ key: listed }] : bucket.versions(listed).map(version => ({ key: listed, version })),
    );
  const found = [...left.map(version => ({ key: version.key, version })), ...behind];
  const shown = found.slice(0, maxOf(input));
  const last = shown.length < found.length ? shown.at(-1) : undefined;
  const versions = shown.map(({ version }) => version).filter(version => version !== undefined);
  const encode = encoder(input);
  const describe = (version: Version) => ({
    Key: encode(version.key),
    VersionId: version.versionId,
    IsLatest: bucket.versions(version.key)[0] === version,
    LastModified: new Date(version.modifiedMs),
    Owner: ownerOf(store),
  });
  return {
    ...echo(input, last?.key),
    KeyMarker: encode(KeyMarker),
    VersionIdMarker: VersionIdMarker ?? "",
    ...(last === undefined ? {} : { NextKeyMarker: encode(last.key), NextVersionIdMarker: last.version?.versionId }),
    Versions: versions.flatMap(version => (version.deleteMarker ? [] : [{ ...describe(version), ...contentOf(version) }])),
    DeleteMarkers: versions.filter(version => version.deleteMarker).map(describe),
    CommonPrefixes: shown.filter(({ version }) => version === undefined).map(({ key }) => ({ Prefix: encode(key) })),
  };
};

const open = (store: Store, input: ListInput, action: string, call: Call): Bucket => {
  authorizeBucket(store, call, action, input.Bucket, {
    "s3:prefix": input.Prefix ?? "",
    "s3:delimiter": input.Delimiter ?? "",
    "s3:max-keys": String(maxOf(input)),
  });
  return store.bucket(input.Bucket);
};

const listPage = (bucket: Bucket, input: ListInput, after: string, afterPrefix: boolean): ListingPage => {
  const keys = bucket.currentObjects().map(({ key }) => key);
  return listKeys(keys, { ...scopeOf(input), after, afterPrefix, max: maxOf(input) });
};

const scopeOf = ({ Prefix = "", Delimiter = "" }: ListInput) => ({ prefix: Prefix, delimiter: Delimiter });

const maxOf = ({ MaxKeys = MAX_KEYS }: ListInput) => Math.min(MaxKeys, MAX_KEYS);

const echo = (input: ListInput, next: string | undefined) => {
  const encode = encoder(input);
  return {
    Name: input.Bucket,
    Prefix: encode(input.Prefix ?? ""),
    ...(input.Delimiter === undefined ? {} : { Delimiter: encode(input.Delimiter) }),
    MaxKeys: maxOf(input),
    ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
    IsTruncated: next !== undefined,
  };
};

const contents = (store: Store, bucket: Bucket, input: ListInput, page: ListingPage, withOwner: boolean) => {
  const encode = encoder(input);
  return {
    Contents: page.keys.map(key => {
      const object = bucket.current(key)!;
      return {
        Key: encode(key),
        LastModified: new Date(object.modifiedMs),
        ...contentOf(object),
        ...(withOwner ? { Owner: ownerOf(store) } : {}),
      };
    }),
    CommonPrefixes: page.commonPrefixes.map(Prefix => ({ Prefix: encode(Prefix) })),
  };
};

const contentOf = (object: StoredObject) => {
  const { ChecksumType } = checksumOutput(object.checksum);
  return {
    ETag: `"${object.etag}"`,
    ...(object.checksum === undefined ? {} : { ChecksumAlgorithm: [object.checksum.algorithm], ChecksumType }),
    Size: object.sizeBytes,
    StorageClass: object.headers["StorageClass"] ?? "STANDARD",
  };
};

const ownerOf = (store: Store) => ({ ID: store.cloud.place.account });

const versionsBehind = (bucket: Bucket, key: string, versionId: string): Version[] => {
  const versions = bucket.versions(key);
  const at = versions.findIndex(version => version.versionId === versionId);
  if (at === -1) throw errors.invalidArgument("version-id-marker", versionId, "a version of the key-marker");
  return versions.slice(at + 1);
};

const encoder = (input: ListInput) => (input.EncodingType === "url" ? encodeListed : (text: string) => text);

const encodeToken = (last: string) => Buffer.from(JSON.stringify({ after: last })).toString("base64url");

/** Throws `AwsError` InvalidArgument for an invalid token. */
const decodeToken = (token: string): string => {
  try {
    const { after } = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (typeof after === "string") return after;
  } catch {
    // Refused below, like a token of another shape.
  }
  throw errors.invalidArgument("continuation-token", token, "a token of an earlier answer");
};

export { listObjects, listObjectsV2, listObjectVersions };
