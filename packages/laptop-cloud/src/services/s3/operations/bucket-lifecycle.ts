import type { OperationOf } from "../../../kernel/service";
import { authorizeBucket } from "../access";
import { errors } from "../errors";
import { type LifecycleRule, verifyLifecycleRules } from "../lifecycle-rule";
import type { Store } from "../store";
import type { BucketAddress } from "./buckets";

const MINIMUM_SIZE = { TransitionDefaultMinimumObjectSize: "all_storage_classes_128K" };

const getBucketLifecycleConfiguration: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  authorizeBucket(store, call, "s3:GetLifecycleConfiguration", Bucket);
  const { lifecycleRules = [] } = store.settings(store.bucket(Bucket).name);
  if (lifecycleRules.length === 0) throw errors.noSuchSetting("NoSuchLifecycleConfiguration", Bucket);
  return { ...MINIMUM_SIZE, Rules: lifecycleRules };
};

/**
 * Behaves as PutBucketLifecycleConfiguration (Amazon S3 API Reference); differs: transitions are kept without effect. A restart restores
 * declared rules.
 */
const putBucketLifecycleConfiguration: OperationOf<Store> = async (
  store,
  { Bucket, LifecycleConfiguration }: BucketAddress & { LifecycleConfiguration: { Rules?: LifecycleRule[] } },
  call,
) => {
  authorizeBucket(store, call, "s3:PutLifecycleConfiguration", Bucket);
  const { Rules = [] } = LifecycleConfiguration;
  verifyLifecycleRules(Rules);
  await store.change(Bucket, { lifecycleRules: Rules.map((rule, index) => ({ ...rule, ID: rule.ID ?? `rule-${index + 1}` })) });
  return MINIMUM_SIZE;
};

export { getBucketLifecycleConfiguration, putBucketLifecycleConfiguration };
