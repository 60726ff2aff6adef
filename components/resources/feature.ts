import type * as pulumi from "@pulumi/pulumi";
import type { Redrivables } from "./dead-letters";
import type { NoticesTopic } from "./notices";

/** What the program gives every feature. */
interface FeatureArgs {
  /** Topic for notices of finished work. */
  successes: NoticesTopic;
  /** Topic for failures, and for the alarms about them. */
  errors: NoticesTopic;
  /** Where each feature registers its consumers that have dead letters. */
  redrivables: Redrivables;
  /** Environment variables of every function. */
  environment: Record<string, pulumi.Input<string>>;
  logRetentionDays: number;
  /** Whether X-Ray traces functions and pipelines. Default false. */
  tracing?: boolean;
  /** Whether tables and buckets are kept from being deleted. */
  production: boolean;
}

export type { FeatureArgs };
