import { notImitated } from "../../../kernel/aws-error";
import { parsePolicy } from "../../../kernel/policy-text";
import type { Call, OperationOf } from "../../../kernel/service";
import { authorizeBucket } from "../access";
import { errors } from "../errors";
import type { BucketSettings } from "../settings";
import type { Store } from "../store";
import type { BucketAddress } from "./buckets";

/** Behaves as GetBucketLocation (Amazon S3 API Reference): an empty value means us-east-1. */
const getBucketLocation: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  open(store, call, "s3:GetBucketLocation", Bucket);
  const { region } = store.cloud.place;
  return { LocationConstraint: region === "us-east-1" ? "" : region };
};

const getBucketVersioning: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  open(store, call, "s3:GetBucketVersioning", Bucket);
  return { Status: store.bucket(Bucket).record.versioning };
};

/** Behaves as PutBucketVersioning (Amazon S3 API Reference); a restart restores what the program declares. */
const putBucketVersioning: OperationOf<Store> = async (
  store,
  { Bucket, VersioningConfiguration }: BucketAddress & { VersioningConfiguration: { Status?: string } },
  call,
) => {
  open(store, call, "s3:PutBucketVersioning", Bucket);
  const { Status } = VersioningConfiguration;
  if (Status !== "Enabled" && Status !== "Suspended") throw errors.invalidArgument("Status", Status, "Enabled or Suspended");
  await store.setVersioning(Bucket, Status);
  return {};
};

const getBucketNotificationConfiguration: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  const { notification } = open(store, call, "s3:GetBucketNotification", Bucket);
  return {
    LambdaFunctionConfigurations: (notification?.["lambdaFunctions"] ?? []).map(describe("LambdaFunctionArn", "lambdaFunctionArn")),
    QueueConfigurations: (notification?.["queues"] ?? []).map(describe("QueueArn", "queueArn")),
    TopicConfigurations: (notification?.["topics"] ?? []).map(describe("TopicArn", "topicArn")),
    ...(notification?.["eventbridge"] === true ? { EventBridgeConfiguration: {} } : {}),
  };
};

/** Behaves as GetBucketPolicy (Amazon S3 API Reference). `Policy` is JSON. */
const getBucketPolicy: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  const { policy } = open(store, call, "s3:GetBucketPolicy", Bucket);
  if (policy === undefined) throw errors.noSuchSetting("NoSuchBucketPolicy", Bucket);
  return { Policy: JSON.stringify(policy) };
};

/** Behaves as PutBucketPolicy (Amazon S3 API Reference); a restart restores a declared policy. */
const putBucketPolicy: OperationOf<Store> = async (store, { Bucket, Policy }: BucketAddress & { Policy: string }, call) => {
  open(store, call, "s3:PutBucketPolicy", Bucket);
  await store.change(Bucket, { policy: parsePolicy(Policy, "MalformedPolicy", "Policies must be valid JSON and have statements.") });
  return {};
};

const getPublicAccessBlock: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  const { publicAccessBlock } = open(store, call, "s3:GetBucketPublicAccessBlock", Bucket);
  if (publicAccessBlock === undefined) throw errors.noSuchSetting("NoSuchPublicAccessBlockConfiguration", Bucket);
  return { PublicAccessBlockConfiguration: publicAccessBlock };
};

/** Behaves as PutPublicAccessBlock (Amazon S3 API Reference); a restart restores a declared one. */
const putPublicAccessBlock: OperationOf<Store> = async (
  store,
  { Bucket, PublicAccessBlockConfiguration }: BucketAddress & { PublicAccessBlockConfiguration: Record<string, boolean> },
  call,
) => {
  open(store, call, "s3:PutBucketPublicAccessBlock", Bucket);
  const nothing = { BlockPublicAcls: false, IgnorePublicAcls: false, BlockPublicPolicy: false, RestrictPublicBuckets: false };
  await store.change(Bucket, { publicAccessBlock: { ...nothing, ...PublicAccessBlockConfiguration } });
  return {};
};

/** Behaves as GetBucketOwnershipControls (Amazon S3 API Reference): the default is BucketOwnerEnforced. */
const getBucketOwnershipControls: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  const { ownership = "BucketOwnerEnforced" } = open(store, call, "s3:GetBucketOwnershipControls", Bucket);
  if (store.bucket(Bucket).record.ownership === null) throw errors.noSuchSetting("OwnershipControlsNotFoundError", Bucket);
  return { OwnershipControls: { Rules: [{ ObjectOwnership: ownership }] } };
};

/** Without ACLs, these two mean the same here. */
const OWNERSHIPS = ["BucketOwnerEnforced", "BucketOwnerPreferred"];

/** Behaves as PutBucketOwnershipControls (Amazon S3 API Reference); a restart restores a declared one. */
const putBucketOwnershipControls: OperationOf<Store> = async (
  store,
  input: BucketAddress & { OwnershipControls: { Rules?: { ObjectOwnership?: string }[] } },
  call,
) => {
  open(store, call, "s3:PutBucketOwnershipControls", input.Bucket);
  const ownership = input.OwnershipControls.Rules?.[0]?.ObjectOwnership;
  if (ownership === undefined) throw errors.malformedXml("want an <ObjectOwnership>.");
  if (!OWNERSHIPS.includes(ownership)) throw notImitated(`<ObjectOwnership>${ownership}</ObjectOwnership>`);
  await store.change(input.Bucket, { ownership });
  return {};
};

const open = (store: Store, call: Call, action: string, bucket: string): BucketSettings => {
  authorizeBucket(store, call, action, bucket);
  return store.settings(store.bucket(bucket).name);
};

const describe =
  (member: string, input: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: a rule of @pulumi/aws's BucketNotification.
  (rule: any, index: number) => {
    const filters = [
      ...(rule.filterPrefix === undefined ? [] : [{ Name: "prefix", Value: rule.filterPrefix }]),
      ...(rule.filterSuffix === undefined ? [] : [{ Name: "suffix", Value: rule.filterSuffix }]),
    ];
    return {
      Id: rule.id ?? `${member}-${index + 1}`,
      [member]: rule[input],
      Events: rule.events,
      ...(filters.length === 0 ? {} : { Filter: { Key: { FilterRules: filters } } }),
    };
  };

export {
  getBucketLocation,
  getBucketNotificationConfiguration,
  getBucketOwnershipControls,
  getBucketPolicy,
  getBucketVersioning,
  getPublicAccessBlock,
  putBucketOwnershipControls,
  putBucketPolicy,
  putBucketVersioning,
  putPublicAccessBlock,
};
