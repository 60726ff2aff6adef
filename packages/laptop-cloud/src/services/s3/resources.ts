import { acts, automaticName, inert, refusalOf } from "../../kernel/declared";
import { refusePolicy } from "../../kernel/policy-text";
import type { Declared, Place, ResourceKind } from "../../kernel/service";
import { verifyCorsRules } from "./cors-rule";
import { readCorsRule, readEncryptionRule, readLifecycleRule, readOwnLifecycleRule } from "./declared-rules";
import { verifyEncryption } from "./encryption-rule";
import { verifyLifecycleRules } from "./lifecycle-rule";
import { bucketArn, isBucketName } from "./names";
import { websitePath, websiteType } from "./website";

const elsewhere = "there is one account and one region";
const onePerson = "objects belong to the one account; there are no ACLs";
const atRest = "nothing is encrypted on a laptop";
const quick = "all storage classes behave alike here";
const deployment = "only matters to a deployment";
const about = "only shown in the inventory";

/** A resource with settings of one bucket; its id is the bucket's name. */
const aboutBucket = (properties: ResourceKind["properties"], check?: ResourceKind["check"]): ResourceKind => ({
  properties: { ...acts("bucket"), ...properties, ...inert(elsewhere, "expectedBucketOwner") },
  check,
  outputs: ({ inputs }) => ({ id: inputs["bucket"] }),
});

const bucket: ResourceKind = {
  properties: {
    ...acts("bucket", "tags", "bucketPrefix", "corsRules", "lifecycleRules", "policy", "serverSideEncryptionConfiguration"),
    ...acts("versioning"),
    ...inert(deployment, "forceDestroy"),
    ...inert(elsewhere, "bucketNamespace", "requestPayer"),
    ...inert(onePerson, "acl"),
  },
  check: declared => {
    const { acl, versioning, corsRules, lifecycleRules, serverSideEncryptionConfiguration: encryption } = declared.inputs;
    if (acl !== undefined && acl !== "private") return `acl is "${acl}": the laptop cloud imitates "private" only.`;
    if (versioning?.mfaDelete) return "versioning.mfaDelete is true: the laptop cloud knows no MFA.";
    return (
      checkName(bucketNameOf(declared)) ??
      refuseTextPolicy(declared) ??
      refusalOf(() => encryption && verifyEncryption([readEncryptionRule(encryption.rule)])) ??
      refusalOf(() => corsRules && verifyCorsRules(corsRules.map(readCorsRule))) ??
      refusalOf(() => lifecycleRules && verifyLifecycleRules(lifecycleRules.map(readOwnLifecycleRule)))
    );
  },
  outputs: (declared, { region, account }: Place) => {
    const name = bucketNameOf(declared);
    return {
      id: name,
      arn: bucketArn(name),
      bucket: name,
      bucketDomainName: `${name}.s3.amazonaws.com`,
      bucketRegion: region,
      bucketRegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      // Route 53's zone of S3 websites in us-east-1 ("Amazon S3 endpoints and quotas").
      hostedZoneId: "Z3AQBSTGFYJSTF",
      objectLockEnabled: false,
      region,
      requestPayer: "BucketOwner",
      tagsAll: declared.inputs["tags"] ?? {},
      ownerId: account,
    };
  },
};

const bucketNameOf = ({ name, inputs }: Declared): string =>
  inputs["bucket"] ?? automaticName(`${inputs["bucketPrefix"] ?? ""}${name.toLowerCase()}`);

const checkName = (name: string) =>
  isBucketName(name) ? undefined : `the bucket's name is "${name}", but must be 3 to 63 lower-case letters, digits, dots and hyphens.`;

const bucketVersioning = aboutBucket(
  { ...acts("versioningConfiguration"), ...inert("only with MFA delete, which is refused", "mfa") },
  ({ inputs }) => {
    const { status, mfaDelete } = inputs["versioningConfiguration"];
    if (mfaDelete === "Enabled") return 'mfaDelete is "Enabled": the laptop cloud knows no MFA.';
    return ["Enabled", "Suspended", "Disabled"].includes(status)
      ? undefined
      : `status is "${status}", but must be Enabled, Suspended or Disabled.`;
  },
);

const bucketNotification = aboutBucket(acts("lambdaFunctions", "queues", "topics", "eventbridge"), ({ inputs }) => {
  const rules = [...(inputs["lambdaFunctions"] ?? []), ...(inputs["queues"] ?? []), ...(inputs["topics"] ?? [])];
  const unknown = rules.flatMap(rule => rule.events as string[]).find(event => !imitatedEvents.test(event));
  return unknown === undefined
    ? undefined
    : `an event is "${unknown}": the laptop cloud tells of s3:ObjectCreated, ObjectRemoved, ObjectTagging and LifecycleExpiration.`;
});

const imitatedEvents =
  /^s3:(ObjectCreated:(\*|Put|Post|Copy|CompleteMultipartUpload)|ObjectRemoved:(\*|Delete|DeleteMarkerCreated)|ObjectTagging:(\*|Put|Delete)|LifecycleExpiration:(\*|Delete|DeleteMarkerCreated))$/;

/** The parts of a lifecycle rule. Transitions only change the storage class, which has no effect here. */
const lifecycleParts = new Set([
  "id",
  "status",
  "prefix",
  "filter",
  "expiration",
  "noncurrentVersionExpiration",
  "abortIncompleteMultipartUpload",
  "transitions",
  "noncurrentVersionTransitions",
]);

const bucketLifecycleConfiguration = aboutBucket(
  { ...acts("rules"), ...inert(deployment, "timeouts"), ...inert(quick, "transitionDefaultMinimumObjectSize") },
  ({ inputs }) => {
    const parts = (inputs["rules"] ?? []).flatMap((rule: object) => Object.keys(rule));
    const unknown = parts.find((part: string) => !lifecycleParts.has(part));
    if (unknown !== undefined) return `a rule sets ${unknown}, which the laptop cloud does not imitate.`;
    return refusalOf(() => verifyLifecycleRules((inputs["rules"] ?? []).map(readLifecycleRule)));
  },
);

/** The policy of a bucket may also be an object. */
const refuseTextPolicy = (declared: Declared) => (typeof declared.inputs["policy"] === "string" ? refusePolicy(declared) : undefined);

const storedInClass = (storageClass: unknown) =>
  storageClass === "GLACIER" || storageClass === "DEEP_ARCHIVE"
    ? `storageClass is "${storageClass}": the laptop cloud can't restore from it.`
    : undefined;

const bucketObject: ResourceKind = {
  properties: {
    ...acts("bucket", "key", "content", "contentBase64", "source", "cacheControl", "contentDisposition", "contentEncoding"),
    ...acts("contentLanguage", "contentType", "metadata", "tags", "storageClass"),
    ...inert(onePerson, "acl"),
    ...inert(atRest, "bucketKeyEnabled", "kmsKeyId", "serverSideEncryption"),
    ...inert(deployment, "etag", "sourceHash", "forceDestroy", "overrideProvider"),
    ...inert(about, "checksumAlgorithm"),
  },
  check: ({ inputs }) => storedInClass(inputs["storageClass"]),
  outputs: ({ name, inputs }) => {
    const key = inputs["key"] ?? name;
    return { id: `${inputs["bucket"]}/${key}`, key, arn: `${bucketArn(inputs["bucket"])}/${key}` };
  },
};

const bucketWebsiteConfiguration: ResourceKind = {
  ...aboutBucket(acts("indexDocument", "errorDocument"), ({ inputs }) =>
    inputs["indexDocument"] === undefined ? "indexDocument is missing." : undefined,
  ),
  outputs: ({ inputs }, { pageUrl, region }) => ({
    id: inputs["bucket"],
    websiteEndpoint: new URL(pageUrl).host + websitePath(inputs["bucket"]),
    websiteDomain: `s3-website-${region}.amazonaws.com`,
  }),
};

/** The Pulumi types of S3 that the laptop cloud knows. */
const resources: Record<string, ResourceKind> = {
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketPolicy:BucketPolicy": aboutBucket(acts("policy"), refuseTextPolicy),
  "aws:s3/bucketVersioning:BucketVersioning": bucketVersioning,
  "aws:s3/bucketNotification:BucketNotification": bucketNotification,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucketLifecycleConfiguration,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": aboutBucket({
    // Only websites have anonymous callers.
    ...acts("blockPublicPolicy", "restrictPublicBuckets"),
    ...inert(onePerson, "blockPublicAcls", "ignorePublicAcls"),
    ...inert(deployment, "skipDestroy"),
  }),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": aboutBucket(acts("rules"), ({ inputs }) =>
    refusalOf(() => verifyEncryption(inputs["rules"].map(readEncryptionRule))),
  ),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": aboutBucket(inert(onePerson, "rule")),
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": aboutBucket(acts("corsRules"), ({ inputs }) =>
    refusalOf(() => verifyCorsRules(inputs["corsRules"].map(readCorsRule))),
  ),
  [websiteType]: bucketWebsiteConfiguration,
  "aws:s3/bucketObject:BucketObject": bucketObject,
  "aws:s3/bucketObjectv2:BucketObjectv2": bucketObject,
};

export { resources };
