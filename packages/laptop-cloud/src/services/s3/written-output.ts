import type { Bucket, StoredChecksum, StoredObject } from "./bucket";
import { checksumMember } from "./checksum";

/** The output of every operation that writes an object. S3 encrypts every object. */
const writtenOutput = (bucket: Bucket, version: StoredObject) => ({
  ETag: `"${version.etag}"`,
  ServerSideEncryption: "AES256",
  ...checksumOutput(version.checksum),
  ...versionOutput(bucket, version),
});

const checksumOutput = (checksum: StoredChecksum | undefined) =>
  checksum === undefined ? {} : { [checksumMember(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type };

/** Absent in buckets that were never versioned. */
const versionOutput = (bucket: Bucket, { versionId }: { versionId: string }) =>
  bucket.record.versioning === undefined ? {} : { VersionId: versionId };

export { checksumOutput, versionOutput, writtenOutput };
