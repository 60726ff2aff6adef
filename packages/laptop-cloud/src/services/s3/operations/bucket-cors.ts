import type { OperationOf } from "../../../kernel/service";
import { authorizeBucket } from "../access";
import { type CorsRule, verifyCorsRules } from "../cors-rule";
import { errors } from "../errors";
import type { Store } from "../store";
import type { BucketAddress } from "./buckets";

const getBucketCors: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  authorizeBucket(store, call, "s3:GetBucketCORS", Bucket);
  const { corsRules } = store.settings(store.bucket(Bucket).name);
  if (corsRules === undefined) throw errors.noSuchSetting("NoSuchCORSConfiguration", Bucket);
  return { CORSRules: corsRules };
};

/** Behaves as PutBucketCors (Amazon S3 API Reference); a restart restores declared rules. */
const putBucketCors: OperationOf<Store> = async (
  store,
  { Bucket, CORSConfiguration }: BucketAddress & { CORSConfiguration: { CORSRules?: CorsRule[] } },
  call,
) => {
  authorizeBucket(store, call, "s3:PutBucketCORS", Bucket);
  const { CORSRules = [] } = CORSConfiguration;
  verifyCorsRules(CORSRules);
  await store.change(Bucket, { corsRules: CORSRules });
  return {};
};

/** Behaves as "OPTIONS object": a browser asks before it sends a request of another origin. All requests get the headers that answer it. */
const preflight: OperationOf<unknown> = async () => ({});

export { getBucketCors, preflight, putBucketCors };
