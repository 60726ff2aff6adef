import { AwsError } from "../../../kernel/aws-error";
import { isPageOrigin } from "../../../kernel/origins";
import type { Operation } from "../../../kernel/service";
import { type CrossOrigin, corsForbidden, corsHeadersOf } from "../cors-rule";
import type { Presigned } from "../request";
import type { Store } from "../store";
import { getBucketCors, preflight, putBucketCors } from "./bucket-cors";
import { getBucketEncryption, putBucketEncryption } from "./bucket-encryption";
import { getBucketLifecycle, putBucketLifecycle } from "./bucket-lifecycle";
import {
  deleteSetting,
  getBucketLocation,
  getBucketNotification,
  getBucketOwnershipControls,
  getBucketPolicy,
  getBucketVersioning,
  getPublicAccessBlock,
  putBucketOwnershipControls,
  putBucketPolicy,
  putBucketVersioning,
  putPublicAccessBlock,
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
import { deleteObjectTagging, getBucketTagging, getObjectTagging, putBucketTagging, putObjectTagging } from "./tagging";

/** The operations by the names that AWS gives them. */
const createOperations = (store: Store): Record<string, Operation> =>
  guardAll(store, {
    AbortMultipartUpload: abortMultipartUpload(store),
    CompleteMultipartUpload: completeMultipartUpload(store),
    CopyObject: copyObject(store),
    CreateBucket: createBucket(store),
    CreateMultipartUpload: createMultipartUpload(store),
    DeleteBucket: deleteBucket(store),
    DeleteBucketCors: deleteSetting(store, "s3:PutBucketCORS", "corsRules"),
    DeleteBucketEncryption: deleteSetting(store, "s3:PutEncryptionConfiguration", "encryption"),
    DeleteBucketLifecycle: deleteSetting(store, "s3:PutLifecycleConfiguration", "lifecycleRules"),
    DeleteBucketOwnershipControls: deleteSetting(store, "s3:PutBucketOwnershipControls", "ownership"),
    DeleteBucketPolicy: deleteSetting(store, "s3:DeleteBucketPolicy", "policy"),
    DeleteBucketTagging: deleteSetting(store, "s3:PutBucketTagging", "tags"),
    DeleteObject: deleteObject(store),
    DeleteObjects: deleteObjects(store),
    DeleteObjectTagging: deleteObjectTagging(store),
    DeletePublicAccessBlock: deleteSetting(store, "s3:PutBucketPublicAccessBlock", "publicAccessBlock"),
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
    Preflight: preflight(),
    PutBucketCors: putBucketCors(store),
    PutBucketEncryption: putBucketEncryption(store),
    PutBucketLifecycleConfiguration: putBucketLifecycle(store),
    PutBucketOwnershipControls: putBucketOwnershipControls(store),
    PutBucketPolicy: putBucketPolicy(store),
    PutBucketTagging: putBucketTagging(store),
    PutBucketVersioning: putBucketVersioning(store),
    PutObject: putObject(store),
    PutObjectTagging: putObjectTagging(store),
    PutPublicAccessBlock: putPublicAccessBlock(store),
    UploadPart: uploadPart(store),
    UploadPartCopy: uploadPartCopy(store),
  });

interface GuardedInput {
  Bucket?: string;
  CrossOrigin?: CrossOrigin;
  Presigned?: Presigned;
  ExpectedBucketOwner?: string;
}

/**
 * Checks every request: that the bucket's CORS rules allow it, if a page of another origin sends it; that a presigned URL has not expired; and
 * that the bucket has the expected owner.
 *
 * Differs: S3 only leaves the CORS headers out where no rule allows a request, and relies on its signature, which is not verified here.
 */
const guardAll = (store: Store, operations: Record<string, Operation>): Record<string, Operation> => {
  const { cloud } = store;
  const guard = (operation: Operation): Operation => {
    const run: Operation = async (input: GuardedInput, call) => {
      verifyPresigned(input.Presigned, cloud.clock.nowMs());
      if (input.ExpectedBucketOwner !== undefined && input.ExpectedBucketOwner !== cloud.place.account)
        throw new AwsError("AccessDenied", `The bucket belongs to ${cloud.place.account}, not to ${input.ExpectedBucketOwner}.`, 403);
      return operation(input, call);
    };
    return async ({ CrossOrigin, ...input }: GuardedInput, call) => {
      if (CrossOrigin === undefined) return run(input, call);
      const rules = input.Bucket === undefined ? undefined : store.settings(input.Bucket).corsRules;
      const headers = corsHeadersOf(rules, CrossOrigin);
      if (headers === undefined && !isPageOrigin(cloud.place.pageUrl, CrossOrigin.origin)) throw corsForbidden(rules, CrossOrigin);
      try {
        return { ...(await run(input, call)), CorsHeaders: headers };
      } catch (error) {
        throw error instanceof AwsError ? error.withHeaders({ ...error.headers, ...headers }) : error;
      }
    };
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
