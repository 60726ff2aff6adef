import type { Call } from "../../kernel/service";
import { authorizeBucket, authorizeObject } from "./access";
import type { StoredObject, Version } from "./bucket";
import { errors } from "./errors";
import type { Store } from "./store";

interface ObjectAddress {
  Bucket: string;
  Key: string;
  VersionId?: string;
}

/**
 * Authorizes `action` and finds the object; `s3:GetObject` becomes `s3:GetObjectVersion` if the request names a version.
 *
 * Throws `AwsError` AccessDenied (also for a missing key where the caller may not list the bucket), NoSuchBucket, NoSuchKey, NoSuchVersion,
 * MethodNotAllowed for a delete marker.
 */
const findObject = (store: Store, call: Call, { Bucket, Key, VersionId }: ObjectAddress, action: string): StoredObject => {
  const context = VersionId === undefined ? undefined : { "s3:VersionId": VersionId };
  authorizeObject(store, call, VersionId === undefined ? action : toVersionAction(action), { Bucket, Key }, context);
  const bucket = store.bucket(Bucket);
  const version = VersionId === undefined ? bucket.versions(Key)[0] : bucket.find(Key, VersionId);
  if (version?.deleteMarker === false) return version;
  authorizeBucket(store, call, VersionId === undefined ? "s3:ListBucket" : "s3:ListBucketVersions", Bucket);
  throw missing(Key, VersionId, version);
};

const missing = (key: string, versionId: string | undefined, marker: Version | undefined) => {
  if (marker === undefined) return versionId === undefined ? errors.noSuchKey(key) : errors.noSuchVersion(key, versionId);
  const headers = { "x-amz-delete-marker": "true", "x-amz-version-id": marker.versionId };
  return versionId === undefined ? errors.noSuchKey(key, headers) : errors.methodNotAllowed(headers);
};

/** "s3:GetObjectTagging" becomes "s3:GetObjectVersionTagging". */
const toVersionAction = (action: string) => action.replace(/^(s3:[A-Za-z]+?Object)(Tagging)?$/, "$1Version$2");

export type { ObjectAddress };
export { findObject };
