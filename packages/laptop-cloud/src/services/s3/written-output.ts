import type { Bucket, StoredChecksum, StoredObject } from "./bucket";
import { checksumMember } from "./checksum";

/** What every operation that writes an object answers. S3 encrypts all that it stores. */
const writtenOutput = (bucket: Bucket, version: StoredObject) => ({
  ETag: `"${version.etag}"`,
  ServerSideEncryption: "AES256",
  ...checksumOutput(version.checksum),
  ...versionOutput(bucket, version),
});

const checksumOutput = (checksum: StoredChecksum | undefined) =>
  checksum === undefined ? {} : { [checksumMember(checksum.algorithm)]: checksum.value, ChecksumType: checksum.type };

/** Buckets that never kept versions do not speak of them. */
const versionOutput = (bucket: Bucket, { versionId }: { versionId: string }) =>
  bucket.record.versioning === undefined ? {} : { VersionId: versionId };

export { checksumOutput, versionOutput, writtenOutput };
