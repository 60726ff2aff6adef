import type { RestReply } from "../../kernel/service";
import { writeXml } from "./xml";

/** Members of an SDK command's output, and the headers that carry them. */
const memberHeaders: Record<string, string> = {
  AcceptRanges: "accept-ranges",
  CacheControl: "cache-control",
  ChecksumCRC32: "x-amz-checksum-crc32",
  ChecksumCRC32C: "x-amz-checksum-crc32c",
  ChecksumCRC64NVME: "x-amz-checksum-crc64nvme",
  ChecksumSHA1: "x-amz-checksum-sha1",
  ChecksumSHA256: "x-amz-checksum-sha256",
  ChecksumAlgorithm: "x-amz-checksum-algorithm",
  ChecksumType: "x-amz-checksum-type",
  ContentDisposition: "content-disposition",
  ContentEncoding: "content-encoding",
  ContentLanguage: "content-language",
  ContentLength: "content-length",
  ContentRange: "content-range",
  ContentType: "content-type",
  CopySourceVersionId: "x-amz-copy-source-version-id",
  DeleteMarker: "x-amz-delete-marker",
  ETag: "etag",
  Expires: "expires",
  ExpiresString: "expires",
  LastModified: "last-modified",
  Location: "location",
  BucketRegion: "x-amz-bucket-region",
  PartsCount: "x-amz-mp-parts-count",
  ServerSideEncryption: "x-amz-server-side-encryption",
  StorageClass: "x-amz-storage-class",
  TransitionDefaultMinimumObjectSize: "x-amz-transition-default-minimum-object-size",
  TagCount: "x-amz-tagging-count",
  VersionId: "x-amz-version-id",
};

/** A reply with headers and an optional body. */
const replyWithHeaders = (status: number, output: object, body: RestReply["body"] = ""): RestReply => ({
  status,
  headers: headersOf(output),
  body,
});

/** A reply with an XML body. Members that have a header are sent there too. */
const replyWithXml = (root: string, content: object, headed: object = {}): RestReply => ({
  status: 200,
  headers: { ...headersOf(headed), "content-type": "application/xml" },
  body: writeXml(root, content),
});

const headersOf = (output: object): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const [member, value] of Object.entries(output)) {
    const header = memberHeaders[member];
    if (header !== undefined && value !== undefined) headers[header] = value instanceof Date ? value.toUTCString() : String(value);
    if (member === "Metadata") for (const [name, text] of Object.entries(value ?? {})) headers[`x-amz-meta-${name}`] = String(text);
  }
  return headers;
};

export { replyWithHeaders, replyWithXml };
