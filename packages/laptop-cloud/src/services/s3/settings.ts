import type { Inventory } from "../../kernel/inventory";
import type { PolicyDocument } from "../../kernel/service";

/** The settings of a bucket that the program declares as separate resources. */
interface BucketSettings {
  policy?: PolicyDocument;
  versioning?: "Enabled" | "Suspended";
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of @pulumi/aws resources, which `resources.ts` has checked.
  notification?: Record<string, any>;
  // biome-ignore lint/suspicious/noExplicitAny: see notification.
  lifecycleRules: Record<string, any>[];
  // biome-ignore lint/suspicious/noExplicitAny: see notification.
  corsRules?: Record<string, any>[];
  publicAccessBlock?: Record<string, boolean>;
  ownership?: string;
  tags?: Record<string, string>;
}

/** Reads a bucket's settings from the inventory. */
const readSettings = (inventory: Inventory, bucket: string): BucketSettings => {
  const one = (type: string) => inventory.ofType(type).findLast(resource => resource.inputs["bucket"] === bucket)?.inputs;
  const declared = inventory.ofType("aws:s3/bucket:Bucket").find(resource => resource.id === bucket)?.inputs;
  const block = one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
  const policy = one("aws:s3/bucketPolicy:BucketPolicy")?.["policy"];
  const status = one("aws:s3/bucketVersioning:BucketVersioning")?.["versioningConfiguration"]?.status;
  return {
    policy: policy === undefined ? undefined : parsePolicy(policy),
    versioning: status === "Disabled" ? undefined : status,
    notification: one("aws:s3/bucketNotification:BucketNotification"),
    lifecycleRules: one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")?.["rules"] ?? [],
    corsRules: one("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration")?.["corsRules"],
    publicAccessBlock: block && {
      BlockPublicAcls: block["blockPublicAcls"] ?? false,
      IgnorePublicAcls: block["ignorePublicAcls"] ?? false,
      BlockPublicPolicy: block["blockPublicPolicy"] ?? false,
      RestrictPublicBuckets: block["restrictPublicBuckets"] ?? false,
    },
    ownership: one("aws:s3/bucketOwnershipControls:BucketOwnershipControls")?.["rule"]?.objectOwnership,
    tags: declared?.["tags"],
  };
};

const parsePolicy = (policy: string | PolicyDocument): PolicyDocument => (typeof policy === "string" ? JSON.parse(policy) : policy);

export type { BucketSettings };
export { readSettings };
