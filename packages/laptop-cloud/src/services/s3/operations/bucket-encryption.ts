import type { OperationOf } from "../../../kernel/service";
import { authorizeBucket } from "../access";
import { DEFAULT_ENCRYPTION, type EncryptionRule, verifyEncryption } from "../encryption-rule";
import type { Store } from "../store";
import type { BucketAddress } from "./buckets";

/** Behaves as GetBucketEncryption (Amazon S3 API Reference); differs: nothing is encrypted here, whatever the rule says. */
const getBucketEncryption: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  authorizeBucket(store, call, "s3:GetEncryptionConfiguration", Bucket);
  const { encryption = DEFAULT_ENCRYPTION } = store.settings(store.bucket(Bucket).name);
  return { ServerSideEncryptionConfiguration: { Rules: encryption } };
};

/** Behaves as PutBucketEncryption (Amazon S3 API Reference); a restart restores a declared rule. */
const putBucketEncryption: OperationOf<Store> = async (
  store,
  input: BucketAddress & { ServerSideEncryptionConfiguration: { Rules?: EncryptionRule[] } },
  call,
) => {
  authorizeBucket(store, call, "s3:PutEncryptionConfiguration", input.Bucket);
  const { Rules = [] } = input.ServerSideEncryptionConfiguration;
  verifyEncryption(Rules);
  await store.change(input.Bucket, { encryption: Rules });
  return {};
};

export { getBucketEncryption, putBucketEncryption };
