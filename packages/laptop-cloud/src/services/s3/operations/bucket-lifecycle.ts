import type { Operation } from "../../../kernel/service";
import { authorizeBucket } from "../access";
import { errors } from "../errors";
import type { Store } from "../store";
import type { BucketAddress } from "./buckets";

// biome-ignore lint/suspicious/noExplicitAny: parts of a rule of @pulumi/aws's BucketLifecycleConfiguration.
type Part = any;

/** Behaves as GetBucketLifecycleConfiguration (Amazon S3 API Reference). */
const getBucketLifecycle =
  (store: Store): Operation =>
  async ({ Bucket }: BucketAddress, call) => {
    authorizeBucket(store, call, "s3:GetLifecycleConfiguration", Bucket);
    const { lifecycleRules } = store.settings(store.bucket(Bucket).name);
    if (lifecycleRules.length === 0) throw errors.noSuchSetting("NoSuchLifecycleConfiguration", Bucket);
    return { TransitionDefaultMinimumObjectSize: "all_storage_classes_128K", Rules: lifecycleRules.map(describeRule) };
  };

const describeRule = (rule: Part) => ({
  ID: rule.id,
  Status: rule.status,
  ...(rule.filter === undefined && rule.prefix !== undefined ? { Prefix: rule.prefix } : { Filter: describeFilter(rule.filter ?? {}) }),
  Expiration: rule.expiration && {
    Date: timeOf(rule.expiration),
    Days: rule.expiration.days,
    ExpiredObjectDeleteMarker: rule.expiration.expiredObjectDeleteMarker,
  },
  Transitions: rule.transitions?.map((transition: Part) => ({
    Date: timeOf(transition),
    Days: transition.days,
    StorageClass: transition.storageClass,
  })),
  NoncurrentVersionExpiration: rule.noncurrentVersionExpiration && describeNoncurrent(rule.noncurrentVersionExpiration),
  NoncurrentVersionTransitions: rule.noncurrentVersionTransitions?.map((transition: Part) => ({
    ...describeNoncurrent(transition),
    StorageClass: transition.storageClass,
  })),
  AbortIncompleteMultipartUpload: rule.abortIncompleteMultipartUpload && {
    DaysAfterInitiation: rule.abortIncompleteMultipartUpload.daysAfterInitiation,
  },
});

/** A rule for all objects has an empty prefix. */
const describeFilter = ({ prefix, tag, and, objectSizeGreaterThan, objectSizeLessThan }: Part) => {
  if (and !== undefined) {
    const tags = Object.entries(and.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
    return { And: { ...describeSizes(and), Prefix: and.prefix, ...(tags.length === 0 ? {} : { Tags: tags }) } };
  }
  if (tag !== undefined) return { Tag: { Key: tag.key, Value: tag.value } };
  const sizes = describeSizes({ objectSizeGreaterThan, objectSizeLessThan });
  return Object.keys(sizes).length > 0 ? sizes : { Prefix: prefix ?? "" };
};

const describeSizes = ({ objectSizeGreaterThan, objectSizeLessThan }: Part) => ({
  ...(objectSizeGreaterThan === undefined ? {} : { ObjectSizeGreaterThan: objectSizeGreaterThan }),
  ...(objectSizeLessThan === undefined ? {} : { ObjectSizeLessThan: objectSizeLessThan }),
});

const describeNoncurrent = ({ noncurrentDays, newerNoncurrentVersions }: Part) => ({
  NoncurrentDays: noncurrentDays,
  NewerNoncurrentVersions: newerNoncurrentVersions,
});

const timeOf = ({ date }: Part): Date | undefined => (date === undefined ? undefined : new Date(date));

export { getBucketLifecycle };
