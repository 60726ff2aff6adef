import type { AuthorizeMore, Call } from "../../kernel/service";
import { bucketArn, objectArn } from "./names";
import type { Store } from "./store";

interface ObjectName {
  Bucket: string;
  Key: string;
}

/** Authorizes an action on a bucket, by its policy too. Throws `AwsError` AccessDenied. */
const authorizeBucket = (store: Store, call: Call, action: string, bucket: string, context?: AuthorizeMore["context"]) =>
  call.authorize(action, bucketArn(bucket), moreOf(store, bucket, context));

/** Authorizes an action on an object, by the bucket's policy too. Throws `AwsError` AccessDenied. */
const authorizeObject = (store: Store, call: Call, action: string, { Bucket, Key }: ObjectName, context?: AuthorizeMore["context"]) =>
  call.authorize(action, objectArn(Bucket, Key), moreOf(store, Bucket, context));

/** Policies that demand TLS are about networks. Calls here stay on this machine, so they count as secure. */
const moreOf = (store: Store, bucket: string, context: AuthorizeMore["context"] = {}): AuthorizeMore => ({
  resourcePolicy: store.settings(bucket).policy,
  context: { "aws:SecureTransport": "true", ...context },
});

export { authorizeBucket, authorizeObject };
