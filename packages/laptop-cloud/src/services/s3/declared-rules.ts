import type { CorsRule } from "./cors-rule";
import type { EncryptionRule } from "./encryption-rule";
import type { LifecycleRule } from "./lifecycle-rule";

// biome-ignore lint/suspicious/noExplicitAny: the inputs of @pulumi/aws resources.
type Inputs = any;

/** A rule of BucketCorsConfiguration or of a bucket's own `corsRules`. */
const readCorsRule = (rule: Inputs): CorsRule => ({
  ID: rule.id,
  AllowedHeaders: rule.allowedHeaders,
  AllowedMethods: rule.allowedMethods,
  AllowedOrigins: rule.allowedOrigins,
  ExposeHeaders: rule.exposeHeaders,
  MaxAgeSeconds: rule.maxAgeSeconds,
});

/** A rule of BucketServerSideEncryptionConfiguration or of a bucket's own `serverSideEncryptionConfiguration`. */
const readEncryptionRule = ({ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled }: Inputs): EncryptionRule => ({
  ApplyServerSideEncryptionByDefault: byDefault && { SSEAlgorithm: byDefault.sseAlgorithm, KMSMasterKeyID: byDefault.kmsMasterKeyId },
  BucketKeyEnabled: bucketKeyEnabled ?? false,
});

/** A rule of BucketLifecycleConfiguration. */
const readLifecycleRule = (rule: Inputs): LifecycleRule => ({
  ID: rule.id,
  Status: rule.status,
  ...(rule.filter === undefined && rule.prefix !== undefined ? { Prefix: rule.prefix } : { Filter: readFilter(rule.filter ?? {}) }),
  Expiration: rule.expiration && {
    Date: rule.expiration.date,
    Days: rule.expiration.days,
    ExpiredObjectDeleteMarker: rule.expiration.expiredObjectDeleteMarker,
  },
  Transitions: rule.transitions?.map(readTransition),
  NoncurrentVersionExpiration: rule.noncurrentVersionExpiration && readNoncurrent(rule.noncurrentVersionExpiration),
  NoncurrentVersionTransitions: rule.noncurrentVersionTransitions?.map((transition: Inputs) => ({
    ...readNoncurrent(transition),
    StorageClass: transition.storageClass,
  })),
  AbortIncompleteMultipartUpload: rule.abortIncompleteMultipartUpload && {
    DaysAfterInitiation: rule.abortIncompleteMultipartUpload.daysAfterInitiation,
  },
});

/** A rule of a bucket's own `lifecycleRules`, which has other names for the same things. */
const readOwnLifecycleRule = (rule: Inputs): LifecycleRule =>
  readLifecycleRule({
    id: rule.id,
    status: rule.enabled ? "Enabled" : "Disabled",
    filter: rule.tags === undefined ? { prefix: rule.prefix } : { and: { prefix: rule.prefix, tags: rule.tags } },
    expiration: rule.expiration,
    transitions: rule.transitions,
    noncurrentVersionExpiration: rule.noncurrentVersionExpiration && { noncurrentDays: rule.noncurrentVersionExpiration.days },
    noncurrentVersionTransitions: rule.noncurrentVersionTransitions?.map(({ days, storageClass }: Inputs) => ({
      noncurrentDays: days,
      storageClass,
    })),
    abortIncompleteMultipartUpload: rule.abortIncompleteMultipartUploadDays && {
      daysAfterInitiation: rule.abortIncompleteMultipartUploadDays,
    },
  });

/** A rule for all objects has an empty prefix. */
const readFilter = ({ prefix, tag, and, ...sizes }: Inputs): LifecycleRule["Filter"] => {
  const filter = {
    ...readSizes(sizes),
    ...(prefix ? { Prefix: prefix } : {}),
    ...(tag === undefined ? {} : { Tag: { Key: tag.key, Value: tag.value } }),
    ...(and === undefined ? {} : { And: readAnd(and) }),
  };
  return Object.keys(filter).length > 0 ? filter : { Prefix: "" };
};

const readAnd = ({ prefix, tags = {}, ...sizes }: Inputs) => {
  const Tags = Object.entries<string>(tags).map(([Key, Value]) => ({ Key, Value }));
  return { ...readSizes(sizes), Prefix: prefix, ...(Tags.length === 0 ? {} : { Tags }) };
};

const readSizes = ({ objectSizeGreaterThan, objectSizeLessThan }: Inputs) => ({
  ...(objectSizeGreaterThan === undefined ? {} : { ObjectSizeGreaterThan: objectSizeGreaterThan }),
  ...(objectSizeLessThan === undefined ? {} : { ObjectSizeLessThan: objectSizeLessThan }),
});

const readTransition = ({ date, days, storageClass }: Inputs) => ({ Date: date, Days: days, StorageClass: storageClass });

const readNoncurrent = ({ noncurrentDays, newerNoncurrentVersions }: Inputs) => ({
  NoncurrentDays: noncurrentDays,
  NewerNoncurrentVersions: newerNoncurrentVersions,
});

export { readCorsRule, readEncryptionRule, readLifecycleRule, readOwnLifecycleRule };
