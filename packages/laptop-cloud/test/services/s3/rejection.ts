import type { S3ServiceException } from "@aws-sdk/client-s3";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";

/** The error with which a call to S3 fails. */
const rejection = (call: Promise<unknown>) => rejectionOf<S3ServiceException>(call);

export { rejection };
