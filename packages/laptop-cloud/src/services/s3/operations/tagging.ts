import type { OperationOf } from "../../../kernel/service";
import { authorizeBucket } from "../access";
import { errors } from "../errors";
import { findObject, type ObjectAddress } from "../find-object";
import type { Store } from "../store";
import { parseTagSet, toTagSet } from "../tags";
import { versionOutput } from "../written-output";

const getObjectTagging: OperationOf<Store> = async (store, input: ObjectAddress, call) => {
  const version = findObject(store, call, input, "s3:GetObjectTagging");
  return { TagSet: toTagSet(version.tags), ...versionOutput(store.bucket(input.Bucket), version) };
};

const putObjectTagging: OperationOf<Store> = async (
  store,
  input: ObjectAddress & { Tagging: { TagSet: { Key?: string; Value?: string }[] } },
  call,
) => {
  const version = findObject(store, call, input, "s3:PutObjectTagging");
  await store.describe(input.Bucket, version, { tags: parseTagSet(input.Tagging.TagSet) }, { eventName: "ObjectTagging:Put", call });
  return versionOutput(store.bucket(input.Bucket), version);
};

const deleteObjectTagging: OperationOf<Store> = async (store, input: ObjectAddress, call) => {
  const version = findObject(store, call, input, "s3:DeleteObjectTagging");
  await store.describe(input.Bucket, version, { tags: {} }, { eventName: "ObjectTagging:Delete", call });
  return versionOutput(store.bucket(input.Bucket), version);
};

const getBucketTagging: OperationOf<Store> = async (store, { Bucket }: { Bucket: string }, call) => {
  call.authorize("s3:GetBucketTagging", `arn:aws:s3:::${Bucket}`);
  const { tags } = store.settings(store.bucket(Bucket).name);
  if (tags === undefined) throw errors.noSuchSetting("NoSuchTagSet", Bucket);
  return { TagSet: toTagSet(tags) };
};

/** Behaves as PutBucketTagging (Amazon S3 API Reference); differs: ten tags at most. A restart restores declared tags. */
const putBucketTagging: OperationOf<Store> = async (
  store,
  { Bucket, Tagging }: { Bucket: string; Tagging: { TagSet: { Key?: string; Value?: string }[] } },
  call,
) => {
  authorizeBucket(store, call, "s3:PutBucketTagging", Bucket);
  await store.change(Bucket, { tags: parseTagSet(Tagging.TagSet) });
  return {};
};

export { deleteObjectTagging, getBucketTagging, getObjectTagging, putBucketTagging, putObjectTagging };
