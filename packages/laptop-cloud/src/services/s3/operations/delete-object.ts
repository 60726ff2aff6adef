import { AwsError } from "../../../kernel/aws-error";
import type { Call, OperationOf } from "../../../kernel/service";
import { authorizeObject } from "../access";
import type { StoredObject } from "../bucket";
import { errors } from "../errors";
import { verifyKey } from "../names";
import { checkDelete } from "../precondition";
import type { Store } from "../store";

interface DeleteObjectInput {
  Bucket: string;
  Key: string;
  VersionId?: string;
  IfMatch?: string;
}

interface DeleteObjectsInput {
  Bucket: string;
  Delete: { Objects: { Key: string; VersionId?: string; ETag?: string }[]; Quiet?: boolean };
}

/** "DeleteObjects": a thousand keys in one request. */
const MAX_KEYS = 1000;

/** Behaves as DeleteObject (Amazon S3 API Reference): succeeds for a missing object. */
const deleteObject: OperationOf<Store> = async (store, input: DeleteObjectInput, call) => {
  const { deleteMarker, versionId } = await deleteOne(store, input, call);
  return { ...(deleteMarker ? { DeleteMarker: true } : {}), ...(versionId === undefined ? {} : { VersionId: versionId }) };
};

/** Behaves as DeleteObjects (Amazon S3 API Reference): each key succeeds or fails by itself. */
const deleteObjects: OperationOf<Store> = async (store, { Bucket, Delete }: DeleteObjectsInput, call) => {
  store.bucket(Bucket);
  if (Delete.Objects.length === 0 || Delete.Objects.length > MAX_KEYS)
    throw errors.malformedXml(`it has ${Delete.Objects.length} objects, but must have 1 to ${MAX_KEYS}.`);
  const deleted: object[] = [];
  const failed: object[] = [];
  for (const { Key, VersionId, ETag } of Delete.Objects) {
    try {
      const result = await deleteOne(store, { Bucket, Key, VersionId, IfMatch: ETag }, call);
      const marker = result.deleteMarker ? { DeleteMarker: true, DeleteMarkerVersionId: result.versionId } : {};
      deleted.push({ Key, ...(VersionId === undefined ? {} : { VersionId }), ...marker });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failed.push({ Key, ...(VersionId === undefined ? {} : { VersionId }), Code: error.code, Message: error.message });
    }
  }
  return { ...(Delete.Quiet || deleted.length === 0 ? {} : { Deleted: deleted }), ...(failed.length === 0 ? {} : { Errors: failed }) };
};

const deleteOne = async (store: Store, { Bucket, Key, VersionId, IfMatch }: DeleteObjectInput, call: Call) => {
  authorizeObject(store, call, VersionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion", { Bucket, Key });
  // "How to perform conditional deletes": comparing ETags needs permission to read.
  if (IfMatch !== undefined && IfMatch !== "*") authorizeObject(store, call, "s3:GetObject", { Bucket, Key });
  verifyKey(Key);
  const check = (current: StoredObject | undefined) => checkDelete(current, Key, IfMatch);
  if (VersionId === undefined) {
    const marker = await store.delete(Bucket, Key, { call }, check);
    return { deleteMarker: marker !== undefined, versionId: marker?.versionId };
  }
  const removed = await store.deleteVersion(Bucket, Key, VersionId, { eventName: "ObjectRemoved:Delete", call }, check);
  return { deleteMarker: removed?.deleteMarker === true, versionId: VersionId };
};

export { deleteObject, deleteObjects };
