import { errors } from "./errors";

/** "Bucket naming rules" and "Object key naming guidelines", Amazon S3 User Guide. */
const bucketName =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3)$)(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const MAX_KEY_BYTES = 1024;

const isBucketName = (name: string) => bucketName.test(name);

/** Throws `AwsError` KeyTooLongError. */
const verifyKey = (key: string) => {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw errors.keyTooLong();
};

const bucketArn = (bucket: string) => `arn:aws:s3:::${bucket}`;
const objectArn = (bucket: string, key: string) => `arn:aws:s3:::${bucket}/${key}`;

export { bucketArn, isBucketName, objectArn, verifyKey };
