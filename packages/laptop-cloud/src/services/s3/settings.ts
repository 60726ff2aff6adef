import type { Inventory } from "../../kernel/inventory";
import type { PolicyDocument } from "../../kernel/service";
import type { CorsRule } from "./cors-rule";
import { readCorsRule, readEncryptionRule, readLifecycleRule, readOwnLifecycleRule } from "./declared-rules";
import type { EncryptionRule } from "./encryption-rule";
import type { LifecycleRule } from "./lifecycle-rule";

interface BucketSettings {
  policy?: PolicyDocument;
  versioning?: "Enabled" | "Suspended";
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of @pulumi/aws resources, which `resources.ts` has checked.
  notification?: Record<string, any>;
  lifecycleRules?: LifecycleRule[];
  corsRules?: CorsRule[];
  encryption?: EncryptionRule[];
  publicAccessBlock?: Record<string, boolean>;
  ownership?: string;
  tags?: Record<string, string>;
}

/** Settings that the API can change. */
const CHANGEABLE = ["corsRules", "encryption", "lifecycleRules", "ownership", "policy", "publicAccessBlock", "tags"] as const;

/** Settings that the API has set, in place of the declared ones; null if the API deleted them. */
type ChangedSettings = { [Name in (typeof CHANGEABLE)[number]]?: BucketSettings[Name] | null };

/** Reads the settings of a bucket that the program declares, as separate resources or as the bucket's own properties. */
const readSettings = (inventory: Inventory, bucket: string): BucketSettings => {
  const one = (type: string) => inventory.ofType(type).findLast(resource => resource.inputs["bucket"] === bucket)?.inputs;
  const own = inventory.ofType("aws:s3/bucket:Bucket").find(resource => resource.id === bucket)?.inputs ?? {};
  const block = one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
  const policy = one("aws:s3/bucketPolicy:BucketPolicy")?.["policy"] ?? own["policy"];
  const lifecycleRules = one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")?.["rules"]?.map(readLifecycleRule);
  const corsRules = one("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration")?.["corsRules"] ?? own["corsRules"];
  const encryption = one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration");
  const ownEncryption = own["serverSideEncryptionConfiguration"]?.rule;
  return {
    policy: policy === undefined ? undefined : parsePolicy(policy),
    versioning: readVersioning(one("aws:s3/bucketVersioning:BucketVersioning")?.["versioningConfiguration"]?.status, own["versioning"]),
    notification: one("aws:s3/bucketNotification:BucketNotification"),
    lifecycleRules: lifecycleRules ?? own["lifecycleRules"]?.map(readOwnLifecycleRule),
    corsRules: corsRules?.map(readCorsRule),
    encryption: (encryption?.["rules"] ?? (ownEncryption && [ownEncryption]))?.map(readEncryptionRule),
    publicAccessBlock: block && {
      BlockPublicAcls: block["blockPublicAcls"] ?? false,
      IgnorePublicAcls: block["ignorePublicAcls"] ?? false,
      BlockPublicPolicy: block["blockPublicPolicy"] ?? false,
      RestrictPublicBuckets: block["restrictPublicBuckets"] ?? false,
    },
    ownership: one("aws:s3/bucketOwnershipControls:BucketOwnershipControls")?.["rule"]?.objectOwnership,
    tags: own["tags"],
  };
};

const readVersioning = (status: string | undefined, own: { enabled?: boolean } | undefined): BucketSettings["versioning"] => {
  if (status === "Enabled" || status === "Suspended") return status;
  return own?.enabled ? "Enabled" : undefined;
};

const parsePolicy = (policy: string | PolicyDocument): PolicyDocument => (typeof policy === "string" ? JSON.parse(policy) : policy);

/** The declared settings with those that the API has changed. */
const mergeSettings = (declared: BucketSettings, changed: ChangedSettings): BucketSettings => ({
  ...declared,
  ...Object.fromEntries(CHANGEABLE.filter(name => changed[name] !== undefined).map(name => [name, changed[name] ?? undefined])),
});

/** What to forget of the changed settings, because the program declares them. */
const replacedSettings = (declared: BucketSettings): ChangedSettings =>
  Object.fromEntries(CHANGEABLE.filter(name => declared[name] !== undefined).map(name => [name, undefined]));

export type { BucketSettings, ChangedSettings };
export { mergeSettings, readSettings, replacedSettings };
