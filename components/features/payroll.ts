import * as pulumi from "@pulumi/pulumi";
import { Bucket } from "../resources/bucket";
import { BucketSubscription } from "../resources/bucket-subscription";
import type { FeatureArgs } from "../resources/feature";
import { Pipeline } from "../resources/pipeline";
import { readObjects, start, writeObjects } from "../wiring/grants";
import { wire } from "../wiring/wire";

interface PayrollArgs extends FeatureArgs {
  /** The employer's name on paystubs; empty for none. */
  employer: string;
  /** ISO 4217, of a currency with hundredths. */
  currency: string;
  /** How many ranges of paystubs are made in parallel, one invocation each. */
  atOnce: number;
}

const START_SECONDS = 30;

/** 100,000 rows take 10 s on a full CPU. */
const PROCESS_SECONDS = 120;

/** 250 paystubs take 4 s on a full CPU. On a laptop, parallel runs share it. */
const PAYSTUBS_SECONDS = 300;

const REPORT_SECONDS = 60;

/** Lambda gives a function with this much memory a full CPU. */
const MEMORY_MEGABYTES = 1769;

/** Errors that a retry would not change. */
const PERMANENT_ERRORS = ["BadPayroll", "UploadGone"];

/** Payroll: each CSV file that is put into a bucket becomes paystubs and a report in other buckets, or one error that names the row. */
class Payroll extends pulumi.ComponentResource {
  readonly outputs: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: PayrollArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:payroll:Payroll", name, {}, opts);
    const child = { parent: this };
    const { employer, currency, atOnce, production } = args;

    const rawData = new Bucket(`${name}-raw-data`, { production }, child);
    const processedData = new Bucket(`${name}-processed-data`, { production }, child);
    const paystubs = new Bucket(`${name}-paystubs`, { production }, child);
    const reports = new Bucket(`${name}-reports`, { production }, child);

    // What each task after the first reads: the upload, and its rows.
    const source = () => ({ rawDataBucket: rawData.may(readObjects), processedDataBucket: processedData.may(readObjects) });

    const { stateMachine } = new Pipeline(
      name,
      {
        ...args,
        permanentErrors: PERMANENT_ERRORS,
        steps: {
          // Checks every row; a bad one ends the run before anything is stored.
          processData: {
            ...wire(() => require("#functions/payroll/process-data") as typeof import("#functions/payroll/process-data"), {
              rawDataBucket: rawData.may(readObjects),
              processedDataBucket: processedData.may(writeObjects),
            }),
            timeoutSeconds: PROCESS_SECONDS,
            memoryMegabytes: MEMORY_MEGABYTES,
          },
          // A PDF for each employee. The rows stay in S3: each run reads its range of them.
          generatePaystubs: {
            ...wire(() => require("#functions/payroll/generate-paystubs") as typeof import("#functions/payroll/generate-paystubs"), {
              ...source(),
              paystubsBucket: paystubs.may(writeObjects),
              employer,
              currency,
            }),
            timeoutSeconds: PAYSTUBS_SECONDS,
            memoryMegabytes: MEMORY_MEGABYTES,
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
          },
          // One table of all paystubs.
          rollup: {
            ...wire(() => require("#functions/payroll/rollup") as typeof import("#functions/payroll/rollup"), {
              ...source(),
              paystubsBucket: paystubs.may(writeObjects),
            }),
            timeoutSeconds: REPORT_SECONDS,
          },
          // Totals and a chart. Its result is also the notice to people.
          generateReport: {
            ...wire(() => require("#functions/payroll/generate-report") as typeof import("#functions/payroll/generate-report"), {
              ...source(),
              reportsBucket: reports.may(writeObjects),
              currency,
            }),
            timeoutSeconds: REPORT_SECONDS,
            retry: [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 2, MaxAttempts: 2 }],
          },
        },
      },
      child,
    );

    // Each upload starts one execution.
    new BucketSubscription(
      `${name}-start`,
      {
        ...args,
        ...wire(() => require("#functions/start-for-upload") as typeof import("#functions/start-for-upload"), {
          stateMachineArn: stateMachine.may(start),
        }),
        bucket: rawData,
        timeoutSeconds: START_SECONDS,
      },
      child,
    );
    this.outputs = {
      rawDataBucket: rawData.bucket,
      processedDataBucket: processedData.bucket,
      paystubsBucket: paystubs.bucket,
      reportsBucket: reports.bucket,
      payrollStateMachineArn: stateMachine.arn,
    };
    this.registerOutputs({});
  }
}

export { Payroll };
