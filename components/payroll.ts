import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createBucket } from "./bucket";
import { BucketSubscription } from "./bucket-subscription";
import type { Redrivable } from "./dead-letters";
import { readObjects, start, writeObjects } from "./grants";
import { Pipeline } from "./pipeline";

const startPayroll = () => require("#functions/payroll/start") as typeof import("#functions/payroll/start");
const processData = () => require("#functions/payroll/process-data") as typeof import("#functions/payroll/process-data");
const generatePaystubs = () => require("#functions/payroll/generate-paystubs") as typeof import("#functions/payroll/generate-paystubs");
const rollup = () => require("#functions/payroll/rollup") as typeof import("#functions/payroll/rollup");
const generateReport = () => require("#functions/payroll/generate-report") as typeof import("#functions/payroll/generate-report");

interface PayrollArgs {
  /** On paystubs, where it is said. */
  employer: string;
  /** ISO 4217, of a currency with hundredths. */
  currency: string;
  /** How many ranges of paystubs are made at once, each by an invocation of its own. */
  atOnce: number;
  successes: aws.sns.Topic;
  errors: aws.sns.Topic;
  /** Switches of every function. */
  environment: Record<string, pulumi.Input<string>>;
  logRetentionDays: number;
  production: boolean;
}

const startSeconds = 30;

/** 100,000 rows take 10 s at a full processor. */
const processSeconds = 120;

/** 250 paystubs take 4 s at a full processor; a laptop's are shared, and its runs wait for one another. */
const paystubsSeconds = 300;

const reportSeconds = 60;

/** A full processor of Lambda's. */
const memoryMegabytes = 1769;

/** What another attempt would only meet again. */
const permanentErrors = ["BadPayroll", "UploadGone"];

/** Payroll: a CSV file put into one bucket becomes paystubs and a report in others, or one error that says where in the file. */
class Payroll extends pulumi.ComponentResource {
  readonly rawData: aws.s3.Bucket;
  readonly processedData: aws.s3.Bucket;
  readonly paystubs: aws.s3.Bucket;
  readonly reports: aws.s3.Bucket;
  readonly stateMachine: aws.sfn.StateMachine;
  /** Uploads that could not start an execution. */
  readonly redrivable: Redrivable;

  constructor(name: string, args: PayrollArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:payroll:Payroll", name, {}, opts);
    const child = { parent: this };
    const { employer, currency, atOnce, successes, errors, environment, logRetentionDays, production } = args;

    const rawData = createBucket(`${name}-raw-data`, { production }, child);
    const processedData = createBucket(`${name}-processed-data`, { production }, child);
    const paystubs = createBucket(`${name}-paystubs`, { production }, child);
    const reports = createBucket(`${name}-reports`, { production }, child);
    this.rawData = rawData;
    this.processedData = processedData;
    this.paystubs = paystubs;
    this.reports = reports;

    const { stateMachine } = new Pipeline(
      name,
      {
        successes,
        errors,
        permanentErrors,
        environment,
        logRetentionDays,
        tasks: {
          // Checks every row; a bad one ends the run before anything is stored.
          processData: {
            allow: [readObjects(rawData), writeObjects(processedData)],
            environment,
            timeoutSeconds: processSeconds,
            memoryMegabytes,
            callbackFactory: () =>
              processData().create({
                rawDataBucket: rawData.bucket.get(),
                processedDataBucket: processedData.bucket.get(),
              }),
          },
          // A PDF for each employee; the rows stay in S3, and each run reads its range of them.
          generatePaystubs: {
            allow: [readObjects(rawData), readObjects(processedData), writeObjects(paystubs)],
            environment,
            timeoutSeconds: paystubsSeconds,
            memoryMegabytes,
            each: {
              itemsPath: "$.processData.ranges",
              input: {
                key: "$.key",
                eTag: "$.eTag",
                uploadedAt: "$.uploadedAt",
                rows: "$.processData.key",
                range: "$$.Map.Item.Value",
              },
              atOnce,
            },
            callbackFactory: () =>
              generatePaystubs().create({
                rawDataBucket: rawData.bucket.get(),
                processedDataBucket: processedData.bucket.get(),
                paystubsBucket: paystubs.bucket.get(),
                employer,
                currency,
              }),
          },
          // One table of them all.
          rollup: {
            allow: [readObjects(rawData), readObjects(processedData), writeObjects(paystubs)],
            environment,
            timeoutSeconds: reportSeconds,
            callbackFactory: () =>
              rollup().create({
                rawDataBucket: rawData.bucket.get(),
                processedDataBucket: processedData.bucket.get(),
                paystubsBucket: paystubs.bucket.get(),
              }),
          },
          // Totals and a chart; its result is also what people are told.
          generateReport: {
            allow: [readObjects(rawData), readObjects(processedData), writeObjects(reports)],
            environment,
            timeoutSeconds: reportSeconds,
            retry: [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 2, MaxAttempts: 2 }],
            callbackFactory: () =>
              generateReport().create({
                rawDataBucket: rawData.bucket.get(),
                processedDataBucket: processedData.bucket.get(),
                reportsBucket: reports.bucket.get(),
                currency,
              }),
          },
        },
      },
      child,
    );
    this.stateMachine = stateMachine;

    // Each upload is one execution.
    const subscription = new BucketSubscription(
      `${name}-start`,
      {
        bucket: rawData,
        alarmTopic: errors,
        allow: [start(stateMachine)],
        environment,
        timeoutSeconds: startSeconds,
        logRetentionDays,
        callbackFactory: () => startPayroll().create({ stateMachineArn: stateMachine.arn.get() }),
      },
      child,
    );
    this.redrivable = subscription.redrivable;
    this.registerOutputs({});
  }
}

export type { PayrollArgs };
export { Payroll };
