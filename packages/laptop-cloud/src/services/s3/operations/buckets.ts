import type { OperationOf } from "../../../kernel/service";
import { authorizeBucket } from "../access";
import { errors } from "../errors";
import { isBucketName } from "../names";
import type { Store } from "../store";

interface BucketAddress {
  Bucket: string;
}

interface CreateBucketInput extends BucketAddress {
  CreateBucketConfiguration?: { LocationConstraint?: string };
  ObjectOwnership?: string;
}

/** In this Region buckets have no location constraint, and creating one's own bucket again succeeds. */
const FIRST_REGION = "us-east-1";

/** Behaves as CreateBucket (Amazon S3 API Reference); differs: one Region, the laptop's, and tags of the request are not kept. */
const createBucket: OperationOf<Store> = async (store, { Bucket, CreateBucketConfiguration, ObjectOwnership }: CreateBucketInput, call) => {
  const { region } = store.cloud.place;
  authorizeBucket(store, call, "s3:CreateBucket", Bucket);
  if (!isBucketName(Bucket)) throw errors.invalidBucketName(Bucket);
  checkLocation(region, CreateBucketConfiguration?.LocationConstraint);
  if (!store.buckets.has(Bucket)) await store.create(Bucket, ObjectOwnership);
  else if (region !== FIRST_REGION) throw errors.bucketAlreadyOwnedByYou(Bucket);
  return { Location: `/${Bucket}` };
};

/** Throws `AwsError` InvalidLocationConstraint, IllegalLocationConstraintException. */
const checkLocation = (region: string, constraint: string | undefined) => {
  if (region === FIRST_REGION && constraint === FIRST_REGION) throw errors.invalidLocationConstraint(constraint);
  if (region === FIRST_REGION ? constraint !== undefined : constraint !== region)
    throw errors.illegalLocationConstraint(constraint ?? "unspecified");
};

/** Behaves as DeleteBucket (Amazon S3 API Reference); a declared bucket is created again at the next start. */
const deleteBucket: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  authorizeBucket(store, call, "s3:DeleteBucket", Bucket);
  if (!store.bucket(Bucket).isEmpty || store.uploads.ofBucket(Bucket).length > 0) throw errors.bucketNotEmpty(Bucket);
  await store.removeBucket(Bucket);
  return {};
};

const headBucket: OperationOf<Store> = async (store, { Bucket }: BucketAddress, call) => {
  authorizeBucket(store, call, "s3:ListBucket", Bucket);
  store.bucket(Bucket);
  return { BucketRegion: store.cloud.place.region };
};

const MAX_BUCKETS = 10_000;

const listBuckets: OperationOf<Store> = async (
  store,
  input: { Prefix?: string; MaxBuckets?: number; ContinuationToken?: string },
  call,
) => {
  call.authorize("s3:ListAllMyBuckets", "*");
  const { Prefix = "", MaxBuckets = MAX_BUCKETS, ContinuationToken = "" } = input;
  if (MaxBuckets < 1 || MaxBuckets > MAX_BUCKETS)
    throw errors.invalidArgument("max-buckets", MaxBuckets, `a whole number from 1 to ${MAX_BUCKETS}`);
  const after = Buffer.from(ContinuationToken, "base64url").toString();
  const rest = [...store.buckets.values()]
    .filter(({ name }) => name.startsWith(Prefix) && name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = rest.slice(0, MaxBuckets);
  return {
    ContinuationToken: rest.length > page.length ? Buffer.from(page.at(-1)!.name).toString("base64url") : undefined,
    Buckets: page.map(({ name, record }) => ({ Name: name, CreationDate: new Date(record.createdMs) })),
    Owner: { ID: store.cloud.place.account },
  };
};

export type { BucketAddress };
export { createBucket, deleteBucket, headBucket, listBuckets };
