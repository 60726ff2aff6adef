import { AwsError } from "../../../kernel/aws-error";
import { bindOperations } from "../../../kernel/operations";
import { isPageOrigin } from "../../../kernel/origins";
import type { Operation } from "../../../kernel/service";
import { type CrossOrigin, corsForbidden, corsHeadersOf } from "../cors-rule";
import type { Presigned } from "../request";
import type { Store } from "../store";
import * as bucketCors from "./bucket-cors";
import * as bucketEncryption from "./bucket-encryption";
import * as bucketLifecycle from "./bucket-lifecycle";
import * as bucketSettings from "./bucket-settings";
import * as buckets from "./buckets";
import { copyObject } from "./copy-object";
import * as deletions from "./delete-object";
import { deleteSetting } from "./delete-setting";
import * as getObject from "./get-object";
import * as lists from "./list-objects";
import * as multipartUpload from "./multipart-upload";
import { putObject } from "./put-object";
import * as tagging from "./tagging";

const deletedSettings = {
  deleteBucketCors: deleteSetting("s3:PutBucketCORS", "corsRules"),
  deleteBucketEncryption: deleteSetting("s3:PutEncryptionConfiguration", "encryption"),
  deleteBucketLifecycle: deleteSetting("s3:PutLifecycleConfiguration", "lifecycleRules"),
  deleteBucketOwnershipControls: deleteSetting("s3:PutBucketOwnershipControls", "ownership"),
  deleteBucketPolicy: deleteSetting("s3:DeleteBucketPolicy", "policy"),
  deleteBucketTagging: deleteSetting("s3:PutBucketTagging", "tags"),
  deletePublicAccessBlock: deleteSetting("s3:PutBucketPublicAccessBlock", "publicAccessBlock"),
};

const createOperations = (store: Store): Record<string, Operation> => {
  const ofBuckets = { ...buckets, ...bucketSettings, ...deletedSettings, ...bucketCors, ...bucketEncryption, ...bucketLifecycle };
  const ofObjects = { ...getObject, putObject, copyObject, ...deletions, ...lists, ...multipartUpload, ...tagging };
  return guardAll(store, bindOperations(store, { ...ofBuckets, ...ofObjects }));
};

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
