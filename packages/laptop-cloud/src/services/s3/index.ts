import { AwsError } from "../../kernel/aws-error";
import type { Cloud, Operation, Service, ServiceDefinition } from "../../kernel/service";
import { Lifecycle } from "./lifecycle";
import { createGetBucketLifecycle } from "./operations/bucket-lifecycle";
import {
  createGetBucketCors,
  createGetBucketEncryption,
  createGetBucketLocation,
  createGetBucketNotification,
  createGetBucketOwnershipControls,
  createGetBucketPolicy,
  createGetBucketVersioning,
  createGetPublicAccessBlock,
  createPutBucketVersioning,
} from "./operations/bucket-settings";
import { createCreateBucket, createDeleteBucket, createHeadBucket, createListBuckets } from "./operations/buckets";
import { createCopyObject } from "./operations/copy-object";
import { createDeleteObject, createDeleteObjects } from "./operations/delete-object";
import { createGetObject, createHeadObject } from "./operations/get-object";
import { createListObjects, createListObjectsV2, createListObjectVersions } from "./operations/list-objects";
import {
  createAbortMultipartUpload,
  createCompleteMultipartUpload,
  createCreateMultipartUpload,
  createListMultipartUploads,
  createListParts,
  createUploadPart,
  createUploadPartCopy,
} from "./operations/multipart-upload";
import { createPutObject } from "./operations/put-object";
import { readPath, routes } from "./operations/routes";
import { createDeleteObjectTagging, createGetBucketTagging, createGetObjectTagging, createPutObjectTagging } from "./operations/tagging";
import { putDeclaredObjects } from "./reconcile";
import type { Presigned } from "./request";
import { resources } from "./resources";
import { Store } from "./store";

/** Amazon S3: buckets in the laptop's file system, with versions, multipart uploads, notifications and expiration. */
const s3: ServiceDefinition = {
  name: "s3",
  resources,
  wire: { protocol: "rest", routes, readPath },
  create: cloud => createService(cloud, new Store(cloud)),
};

const createService = (cloud: Cloud, store: Store): Service => {
  const lifecycle = new Lifecycle(store);
  return {
    start: async () => {
      await store.load();
      for (const { id } of cloud.inventory.ofType("aws:s3/bucket:Bucket")) await store.declare(id);
      await putDeclaredObjects(store);
    },
    resume: async () => {
      store.notifications.resume();
      lifecycle.start();
    },
    stop: async () => {
      store.notifications.stop();
      await lifecycle.stop();
    },
    operations: guardAll(cloud, {
      AbortMultipartUpload: createAbortMultipartUpload(store),
      CompleteMultipartUpload: createCompleteMultipartUpload(store),
      CopyObject: createCopyObject(store),
      CreateBucket: createCreateBucket(store),
      CreateMultipartUpload: createCreateMultipartUpload(store),
      DeleteBucket: createDeleteBucket(store),
      DeleteObject: createDeleteObject(store),
      DeleteObjects: createDeleteObjects(store),
      DeleteObjectTagging: createDeleteObjectTagging(store),
      GetBucketCors: createGetBucketCors(store),
      GetBucketEncryption: createGetBucketEncryption(store),
      GetBucketLifecycleConfiguration: createGetBucketLifecycle(store),
      GetBucketLocation: createGetBucketLocation(store),
      GetBucketNotificationConfiguration: createGetBucketNotification(store),
      GetBucketOwnershipControls: createGetBucketOwnershipControls(store),
      GetBucketPolicy: createGetBucketPolicy(store),
      GetBucketTagging: createGetBucketTagging(store),
      GetBucketVersioning: createGetBucketVersioning(store),
      GetObject: createGetObject(store),
      GetObjectTagging: createGetObjectTagging(store),
      GetPublicAccessBlock: createGetPublicAccessBlock(store),
      HeadBucket: createHeadBucket(store),
      HeadObject: createHeadObject(store),
      ListBuckets: createListBuckets(store),
      ListMultipartUploads: createListMultipartUploads(store),
      ListObjects: createListObjects(store),
      ListObjectsV2: createListObjectsV2(store),
      ListObjectVersions: createListObjectVersions(store),
      ListParts: createListParts(store),
      PutBucketVersioning: createPutBucketVersioning(store),
      PutObject: createPutObject(store),
      PutObjectTagging: createPutObjectTagging(store),
      UploadPart: createUploadPart(store),
      UploadPartCopy: createUploadPartCopy(store),
    }),
  };
};

interface GuardedInput {
  Presigned?: Presigned;
  ExpectedBucketOwner?: string;
}

/** Checks what holds for every request: that a presigned URL has not expired, and whose bucket the caller expects. */
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
const longestPresignedSeconds = 604_800;

const verifyPresigned = (presigned: Presigned | undefined, nowMs: number) => {
  if (presigned === undefined) return;
  const { expiresMs, lifetimeSeconds } = presigned;
  if (lifetimeSeconds !== undefined && !(lifetimeSeconds >= 1 && lifetimeSeconds <= longestPresignedSeconds))
    throw new AwsError("AuthorizationQueryParametersError", "X-Amz-Expires must be a number of seconds from 1 to 604800");
  // Also where the date can't be read.
  if (!(nowMs <= expiresMs)) throw new AwsError("AccessDenied", "Request has expired", 403);
};

export { s3 };
