import { AwsError, notImitated } from "../../kernel/aws-error";
import type { RestRequest } from "../../kernel/service";
import { decodeAwsChunked } from "./aws-chunked";
import type { CrossOrigin } from "./cors-rule";
import { errors } from "./errors";
import type { IncomingBody } from "./incoming-body";

/** The lifetime of a presigned URL. Signature Version 2 has only the expiry time. */
interface Presigned {
  expiresMs: number;
  lifetimeSeconds?: number;
}

type Reader = (value: string, name: string) => unknown;

const text: Reader = value => value;
const date: Reader = value => new Date(value);
const integer: Reader = (value, name) => {
  if (!/^\d{1,10}$/.test(value)) throw errors.invalidArgument(name, value, "a whole number from 0 up");
  return Number(value);
};
const flag: Reader = value => value === "true";

/** Accepts the values that have no effect here, and refuses the others. */
const only =
  (...values: string[]): Reader =>
  (value, name) => {
    if (!values.includes(value)) throw notImitated(`${name}: ${value}; it knows ${values.join(", ")}`);
    return value;
  };

/** Headers, and the members of an SDK command's input that they fill. */
const headerMembers: Record<string, [member: string, read: Reader]> = {
  "cache-control": ["CacheControl", text],
  "content-disposition": ["ContentDisposition", text],
  "content-language": ["ContentLanguage", text],
  "content-md5": ["ContentMD5", text],
  "content-type": ["ContentType", text],
  expires: ["Expires", text],
  "if-match": ["IfMatch", text],
  "if-modified-since": ["IfModifiedSince", date],
  "if-none-match": ["IfNoneMatch", text],
  "if-unmodified-since": ["IfUnmodifiedSince", date],
  range: ["Range", text],
  "x-amz-acl": ["ACL", only("private", "bucket-owner-full-control", "bucket-owner-read")],
  "x-amz-bucket-object-lock-enabled": ["ObjectLockEnabledForBucket", only("false")],
  "x-amz-checksum-algorithm": ["ChecksumAlgorithm", text],
  "x-amz-checksum-crc32": ["ChecksumCRC32", text],
  "x-amz-checksum-crc32c": ["ChecksumCRC32C", text],
  "x-amz-checksum-crc64nvme": ["ChecksumCRC64NVME", text],
  "x-amz-checksum-mode": ["ChecksumMode", text],
  "x-amz-checksum-sha1": ["ChecksumSHA1", text],
  "x-amz-checksum-sha256": ["ChecksumSHA256", text],
  "x-amz-checksum-type": ["ChecksumType", text],
  "x-amz-copy-source": ["CopySource", text],
  "x-amz-copy-source-if-match": ["CopySourceIfMatch", text],
  "x-amz-copy-source-if-modified-since": ["CopySourceIfModifiedSince", date],
  "x-amz-copy-source-if-none-match": ["CopySourceIfNoneMatch", text],
  "x-amz-copy-source-if-unmodified-since": ["CopySourceIfUnmodifiedSince", date],
  "x-amz-copy-source-range": ["CopySourceRange", text],
  "x-amz-expected-bucket-owner": ["ExpectedBucketOwner", text],
  "x-amz-metadata-directive": ["MetadataDirective", text],
  "x-amz-mp-object-size": ["MpuObjectSize", integer],
  "x-amz-object-ownership": ["ObjectOwnership", only("BucketOwnerEnforced", "BucketOwnerPreferred")],
  "x-amz-request-payer": ["RequestPayer", text],
  "x-amz-sdk-checksum-algorithm": ["ChecksumAlgorithm", text],
  "x-amz-server-side-encryption": ["ServerSideEncryption", only("AES256", "aws:kms")],
  "x-amz-server-side-encryption-aws-kms-key-id": ["SSEKMSKeyId", text],
  "x-amz-server-side-encryption-bucket-key-enabled": ["BucketKeyEnabled", flag],
  "x-amz-source-expected-bucket-owner": ["ExpectedSourceBucketOwner", text],
  "x-amz-storage-class": ["StorageClass", text],
  "x-amz-tagging": ["Tagging", text],
  "x-amz-tagging-directive": ["TaggingDirective", text],
  "x-amz-transition-default-minimum-object-size": ["TransitionDefaultMinimumObjectSize", only("all_storage_classes_128K")],
};

const queryMembers: Record<string, [member: string, read: Reader]> = {
  "continuation-token": ["ContinuationToken", text],
  delimiter: ["Delimiter", text],
  "encoding-type": ["EncodingType", only("url")],
  "fetch-owner": ["FetchOwner", flag],
  "key-marker": ["KeyMarker", text],
  marker: ["Marker", text],
  "max-buckets": ["MaxBuckets", integer],
  "max-keys": ["MaxKeys", integer],
  "max-parts": ["MaxParts", integer],
  "max-uploads": ["MaxUploads", integer],
  "part-number-marker": ["PartNumberMarker", text],
  partNumber: ["PartNumber", integer],
  prefix: ["Prefix", text],
  "response-cache-control": ["ResponseCacheControl", text],
  "response-content-disposition": ["ResponseContentDisposition", text],
  "response-content-encoding": ["ResponseContentEncoding", text],
  "response-content-language": ["ResponseContentLanguage", text],
  "response-content-type": ["ResponseContentType", text],
  "response-expires": ["ResponseExpires", text],
  "start-after": ["StartAfter", text],
  "upload-id-marker": ["UploadIdMarker", text],
  uploadId: ["UploadId", text],
  "version-id-marker": ["VersionIdMarker", text],
  versionId: ["VersionId", text],
};

/** About the transport or the signature, not about the operation. */
const transport =
  /^x-amz-(algorithm|content-sha256|credential|date|decoded-content-length|expires|security-token|signature|signedheaders|trailer|user-agent)$/;
const metadataPrefix = "x-amz-meta-";

/**
 * Reads headers and query into the input that an SDK's command would have, with `Presigned` where the URL is.
 *
 * `subresource` is the query parameter that chose the route. Throws `AwsError` NotImplemented, which names the unsupported parameter.
 */
const readInput = (request: RestRequest, subresource?: string): Record<string, unknown> => {
  const input: Record<string, unknown> = { ...request.parameters };
  const metadata: Record<string, string> = {};
  const readHeader = (name: string, value: string) => {
    const known = headerMembers[name];
    if (known !== undefined) input[known[0]] = known[1](value, name);
    else if (name.startsWith(metadataPrefix)) metadata[name.slice(metadataPrefix.length)] = value;
    else if (name.startsWith("x-amz-") && !transport.test(name)) throw notImitated(`the header ${name}`);
  };
  for (const [name, value] of Object.entries(request.headers)) readHeader(name, value);
  for (const [name, value] of request.query) {
    const known = queryMembers[name];
    if (known !== undefined) input[known[0]] = known[1](value, name);
    // A presigned URL carries headers in its query.
    else if (name.toLowerCase().startsWith("x-amz-")) readHeader(name.toLowerCase(), value);
    else if (name !== subresource && name !== "x-id" && !isPresigning(name, request.query))
      throw notImitated(`?${name} of ${request.method} ${request.path}`);
  }
  if (Object.keys(metadata).length > 0) input["Metadata"] = metadata;
  const encoding = contentEncodingOf(request);
  if (encoding !== "") input["ContentEncoding"] = encoding;
  const presigned = readPresigned(request);
  if (presigned !== undefined) input["Presigned"] = presigned;
  const { origin } = request.headers;
  if (origin !== undefined) input["CrossOrigin"] = { origin, method: request.method } satisfies CrossOrigin;
  return input;
};

/** Reads a preflight request. Throws `AwsError` BadRequest. */
const readPreflight = ({ parameters, headers }: RestRequest): object => {
  const { origin, "access-control-request-method": method, "access-control-request-headers": names = "" } = headers;
  if (origin === undefined || method === undefined)
    throw new AwsError("BadRequest", "Insufficient information. Origin and Access-Control-Request-Method request headers needed.");
  const asked = names.split(",").map(name => name.trim().toLowerCase());
  return { ...parameters, CrossOrigin: { origin, method, headers: asked.filter(name => name !== "") } satisfies CrossOrigin };
};

/** Reads an upload: its headers and, as a stream, its body. */
const readUpload = (request: RestRequest): object => {
  const input = readInput(request);
  const chunked =
    request.headers["x-amz-content-sha256"]?.startsWith("STREAMING-") === true ||
    request.headers["content-encoding"]?.includes("aws-chunked") === true;
  const sizeBytes = request.headers[chunked ? "x-amz-decoded-content-length" : "content-length"];
  const trailers = new Map<string, string>();
  const body: IncomingBody = {
    chunks: chunked ? decodeAwsChunked(request.stream, trailers) : request.stream,
    sizeBytes: sizeBytes === undefined ? undefined : Number(sizeBytes),
    trailers,
    announced: (request.headers["x-amz-trailer"] ?? "").split(",").map(name => name.trim().toLowerCase()),
  };
  return { ...input, Body: body };
};

/** Content-Encoding without `aws-chunked`. */
const contentEncodingOf = ({ headers }: RestRequest): string =>
  (headers["content-encoding"] ?? "")
    .split(",")
    .map(part => part.trim())
    .filter(part => part !== "" && part !== "aws-chunked")
    .join(",");

/** Signature Version 2's part of a query. */
const isPresigning = (name: string, query: URLSearchParams) =>
  query.has("AWSAccessKeyId") && ["AWSAccessKeyId", "Signature", "Expires"].includes(name);

const readPresigned = ({ query }: RestRequest): Presigned | undefined => {
  if (query.has("AWSAccessKeyId")) return { expiresMs: Number(query.get("Expires") ?? Number.NaN) * 1000 };
  const signed = query.get("X-Amz-Date");
  if (!query.has("X-Amz-Signature") || signed === null) return undefined;
  const iso = signed.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const lifetimeSeconds = Number(query.get("X-Amz-Expires"));
  return { expiresMs: Date.parse(iso) + lifetimeSeconds * 1000, lifetimeSeconds };
};

export type { Presigned };
export { readInput, readPreflight, readUpload };
