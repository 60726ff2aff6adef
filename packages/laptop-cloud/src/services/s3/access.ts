import type { AuthorizeMore, Call } from "../../kernel/service";
import { bucketArn, objectArn } from "./names";
import type { Store } from "./store";

/** Checks an action on a bucket, the bucket's policy included. Throws `AwsError` AccessDenied. */
const authorizeBucket = (store: Store, call: Call, action: string, bucket: string, context?: AuthorizeMore["context"]) =>
  call.authorize(action, bucketArn(bucket), moreOf(store, bucket, context));

/** Checks an action on an object, the bucket's policy included. Throws `AwsError` AccessDenied. */
const authorizeObject = (store: Store, call: Call, action: string, bucket: string, key: string, context?: AuthorizeMore["context"]) =>
  call.authorize(action, objectArn(bucket, key), moreOf(store, bucket, context));

/** Policies that ask for TLS mean the wire between machines: here there is none, so calls count as secure. */
const moreOf = (store: Store, bucket: string, context: AuthorizeMore["context"] = {}): AuthorizeMore => ({
  resourcePolicy: store.settings(bucket).policy,
  context: { "aws:SecureTransport": "true", ...context },
});

export { authorizeBucket, authorizeObject };
