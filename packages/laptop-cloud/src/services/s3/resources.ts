import { automaticName, refusalOf } from "../../kernel/declared";
import { refusePolicy } from "../../kernel/policy-text";
import type { Declared, Inert, Place, ResourceKind } from "../../kernel/service";
import { verifyCorsRules } from "./cors-rule";
import { readCorsRule, readEncryptionRule, readLifecycleRule, readOwnLifecycleRule } from "./declared-rules";
import { verifyEncryption } from "./encryption-rule";
import { verifyLifecycleRules } from "./lifecycle-rule";
import { bucketArn, isBucketName } from "./names";
import { websitePath, websiteType } from "./website";

const elsewhere: Inert = { inert: "there is one account and one region" };
const onePerson: Inert = { inert: "objects belong to the one account; there are no ACLs" };
const atRest: Inert = { inert: "nothing is encrypted on a laptop" };
const quick: Inert = { inert: "all storage classes behave alike here" };
const deployment: Inert = { inert: "only matters to a deployment" };
const about: Inert = { inert: "only shown in the inventory" };

const inertAll = (names: string[], why: Inert) => Object.fromEntries(names.map(name => [name, why]));

const actAll = (names: string[]) => Object.fromEntries(names.map(name => [name, "acts" as const]));

/** A resource with settings of one bucket; its id is the bucket's name. */
const aboutBucket = (properties: ResourceKind["properties"], check?: ResourceKind["check"]): ResourceKind => ({
  properties: { bucket: "acts", ...inertAll(["region", "expectedBucketOwner"], elsewhere), ...properties },
  check,
  outputs: ({ inputs }) => ({ id: inputs["bucket"] }),
});

const bucket: ResourceKind = {
  properties: {
    bucket: "acts",
    tags: "acts",
    forceDestroy: deployment,
    ...inertAll(["region", "bucketNamespace"], elsewhere),
    acl: onePerson,
    requestPayer: elsewhere,
    bucketPrefix: "acts",
    ...actAll(["corsRules", "lifecycleRules", "policy", "serverSideEncryptionConfiguration", "versioning"]),
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
  { versioningConfiguration: "acts", mfa: { inert: "only with MFA delete, which is refused" } },
  ({ inputs }) => {
    const { status, mfaDelete } = inputs["versioningConfiguration"];
    if (mfaDelete === "Enabled") return 'mfaDelete is "Enabled": the laptop cloud knows no MFA.';
    return ["Enabled", "Suspended", "Disabled"].includes(status)
      ? undefined
      : `status is "${status}", but must be Enabled, Suspended or Disabled.`;
  },
);

const bucketNotification = aboutBucket({ lambdaFunctions: "acts", queues: "acts", topics: "acts", eventbridge: "acts" }, ({ inputs }) => {
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
  { rules: "acts", timeouts: deployment, transitionDefaultMinimumObjectSize: quick },
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
    bucket: "acts",
    key: "acts",
    content: "acts",
    contentBase64: "acts",
    source: "acts",
    cacheControl: "acts",
    contentDisposition: "acts",
    contentEncoding: "acts",
    contentLanguage: "acts",
    contentType: "acts",
    metadata: "acts",
    tags: "acts",
    storageClass: "acts",
    acl: onePerson,
    ...inertAll(["bucketKeyEnabled", "kmsKeyId", "serverSideEncryption"], atRest),
    ...inertAll(["etag", "sourceHash", "forceDestroy", "overrideProvider"], deployment),
    checksumAlgorithm: about,
    region: elsewhere,
  },
  check: ({ inputs }) => storedInClass(inputs["storageClass"]),
  outputs: ({ name, inputs }) => {
    const key = inputs["key"] ?? name;
    return { id: `${inputs["bucket"]}/${key}`, key, arn: `${bucketArn(inputs["bucket"])}/${key}` };
  },
};

const bucketWebsiteConfiguration: ResourceKind = {
  ...aboutBucket({ indexDocument: "acts", errorDocument: "acts" }, ({ inputs }) =>
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
  "aws:s3/bucketPolicy:BucketPolicy": aboutBucket({ policy: "acts" }, refuseTextPolicy),
  "aws:s3/bucketVersioning:BucketVersioning": bucketVersioning,
  "aws:s3/bucketNotification:BucketNotification": bucketNotification,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucketLifecycleConfiguration,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": aboutBucket({
    ...inertAll(["blockPublicAcls", "ignorePublicAcls"], onePerson),
    // Only websites have anonymous callers.
    blockPublicPolicy: "acts",
    restrictPublicBuckets: "acts",
    skipDestroy: deployment,
  }),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": aboutBucket({ rules: "acts" }, ({ inputs }) =>
    refusalOf(() => verifyEncryption(inputs["rules"].map(readEncryptionRule))),
  ),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": aboutBucket({ rule: onePerson }),
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": aboutBucket({ corsRules: "acts" }, ({ inputs }) =>
    refusalOf(() => verifyCorsRules(inputs["corsRules"].map(readCorsRule))),
  ),
  [websiteType]: bucketWebsiteConfiguration,
  "aws:s3/bucketObject:BucketObject": bucketObject,
  "aws:s3/bucketObjectv2:BucketObjectv2": bucketObject,
};

export { resources };
