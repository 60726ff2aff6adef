import { AwsError } from "../../../kernel/aws-error";
import type { Cloud, Operation } from "../../../kernel/service";
import type { Presigned } from "../request";
import type { Store } from "../store";
import { getBucketLifecycle } from "./bucket-lifecycle";
import {
  deleteBucketPolicy,
  getBucketCors,
  getBucketEncryption,
  getBucketLocation,
  getBucketNotification,
  getBucketOwnershipControls,
  getBucketPolicy,
  getBucketVersioning,
  getPublicAccessBlock,
  putBucketPolicy,
  putBucketVersioning,
} from "./bucket-settings";
import { createBucket, deleteBucket, headBucket, listBuckets } from "./buckets";
import { copyObject } from "./copy-object";
import { deleteObject, deleteObjects } from "./delete-object";
import { getObject, headObject } from "./get-object";
import { listObjects, listObjectsV2, listObjectVersions } from "./list-objects";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
  uploadPartCopy,
} from "./multipart-upload";
import { putObject } from "./put-object";
import {
  deleteBucketTagging,
  deleteObjectTagging,
  getBucketTagging,
  getObjectTagging,
  putBucketTagging,
  putObjectTagging,
} from "./tagging";

/** The operations by the names that AWS gives them. */
const createOperations = (store: Store): Record<string, Operation> =>
  guardAll(store.cloud, {
    AbortMultipartUpload: abortMultipartUpload(store),
    CompleteMultipartUpload: completeMultipartUpload(store),
    CopyObject: copyObject(store),
    CreateBucket: createBucket(store),
    CreateMultipartUpload: createMultipartUpload(store),
    DeleteBucket: deleteBucket(store),
    DeleteBucketPolicy: deleteBucketPolicy(store),
    DeleteBucketTagging: deleteBucketTagging(store),
    DeleteObject: deleteObject(store),
    DeleteObjects: deleteObjects(store),
    DeleteObjectTagging: deleteObjectTagging(store),
    GetBucketCors: getBucketCors(store),
    GetBucketEncryption: getBucketEncryption(store),
    GetBucketLifecycleConfiguration: getBucketLifecycle(store),
    GetBucketLocation: getBucketLocation(store),
    GetBucketNotificationConfiguration: getBucketNotification(store),
    GetBucketOwnershipControls: getBucketOwnershipControls(store),
    GetBucketPolicy: getBucketPolicy(store),
    GetBucketTagging: getBucketTagging(store),
    GetBucketVersioning: getBucketVersioning(store),
    GetObject: getObject(store),
    GetObjectTagging: getObjectTagging(store),
    GetPublicAccessBlock: getPublicAccessBlock(store),
    HeadBucket: headBucket(store),
    HeadObject: headObject(store),
    ListBuckets: listBuckets(store),
    ListMultipartUploads: listMultipartUploads(store),
    ListObjects: listObjects(store),
    ListObjectsV2: listObjectsV2(store),
    ListObjectVersions: listObjectVersions(store),
    ListParts: listParts(store),
    PutBucketPolicy: putBucketPolicy(store),
    PutBucketTagging: putBucketTagging(store),
    PutBucketVersioning: putBucketVersioning(store),
    PutObject: putObject(store),
    PutObjectTagging: putObjectTagging(store),
    UploadPart: uploadPart(store),
    UploadPartCopy: uploadPartCopy(store),
  });

interface GuardedInput {
  Presigned?: Presigned;
  ExpectedBucketOwner?: string;
}

/** Checks every request: that a presigned URL has not expired, and that the bucket has the expected owner. */
const guardAll = (cloud: Cloud, operations: Record<string, Operation>): Record<string, Operation> => {
  const guard =
    (operation: Operation): Operation =>
    async (input: GuardedInput, call) => {
      verifyPresigned(input.Presigned, cloud.clock.nowMs());
      if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== cloud.place.account)
        throw new AwsError("AccessDenied", `The bucket belongs to ${cloud.place.account}, not to ${input.ExpectedBucketOwner}.`, 403);
      return operation(input, call);
    };
  return Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, guard(operation)]));
};

/** "Sharing objects with presigned URLs": seven days at most. */
const MAX_PRESIGNED_SECONDS = 604_800;

const verifyPresigned = (presigned: Presigned | undefined, nowMs: number) => {
  if (presigned === undefined) return;
  const { expiresMs, lifetimeSeconds } = presigned;
  if (lifetimeSeconds !== undefined && !(lifetimeSeconds >= 1 && lifetimeSeconds <= MAX_PRESIGNED_SECONDS))
    throw new AwsError("AuthorizationQueryParametersError", "X-Amz-Expires must be a number of seconds from 1 to 604800");
  // Also for an invalid date.
  if (!(nowMs <= expiresMs)) throw new AwsError("AccessDenied", "Request has expired", 403);
};

export { createOperations };
