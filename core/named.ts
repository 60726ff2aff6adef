/** Names of resources. A function sees plain strings; the wiring requires a grant for each of them. */
declare const kind: unique symbol;

/** The name of a resource of one kind. Plain strings are accepted too: a test needs no wiring. */
type Named<Kind extends string> = string & { readonly [kind]?: Kind };

/** Whether a setting is the name of a resource. */
type IsNamed<T> = [NonNullable<T>] extends [{ readonly [kind]?: string }] ? true : false;

type TableName = Named<"table">;
type BucketName = Named<"bucket">;
type TopicArn = Named<"topic">;
type QueueUrl = Named<"queue URL">;
type QueueArn = Named<"queue ARN">;
type StateMachineArn = Named<"state machine">;
type FunctionArn = Named<"function">;
type RoleArn = Named<"role">;
type ScheduleGroupName = Named<"schedule group">;
type ClusterName = Named<"cluster">;
type RuntimeArn = Named<"AgentCore runtime">;
type KmsKeyArn = Named<"KMS key">;
type HttpUrl = Named<"HTTP API">;

export type {
  BucketName,
  ClusterName,
  FunctionArn,
  HttpUrl,
  IsNamed,
  KmsKeyArn,
  QueueArn,
  QueueUrl,
  RoleArn,
  RuntimeArn,
  ScheduleGroupName,
  StateMachineArn,
  TableName,
  TopicArn,
};
