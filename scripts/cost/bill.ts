/** A month's bill, item by item, and how much each setting changes it. */
import { addQuantities, ITEMS, type Item, multiply, PRICES_DATE, type Quantities, usdOf } from "../prices";
import { HOURS_A_MONTH } from "./idle";
import type { Costs, Variant } from "./measure";

/** The messages of a month. */
interface Usage {
  messages: number;
  /** Words in each message, including the trigger word. */
  words: number;
}

interface Bill {
  prices: string;
  measured: string;
  usage: Usage;
  /** In US dollars a month. */
  idle: Line[];
  said: Line[];
  settings: Change[];
}

interface Line {
  item: Item;
  count: number;
  usd: number;
}

/** How much a setting changes the bill of the default settings, in US dollars a month. */
interface Change {
  setting: string;
  idle: number;
  said: number;
}

/** Firehose bills each record in steps of 5 KB. Few messages are longer. */
const RECORD_GIGABYTES = 5 / 1024 ** 2;

/** Firehose writes an object after five minutes at the latest. */
const OBJECTS_A_MONTH = (HOURS_A_MONTH * 60) / 5;

/** The alarms that components/features/message-archive.ts creates. */
const ARCHIVE_ALARMS = 3;

/** The used share of provisioned units. Unused ones cost as much. */
const SHARE_USED = 0.5;

/** Estimates what messages of any length cost: the cost is linear in the number of words, and two lengths were measured. */
const priceMessages = ({ messages: [short, long], metrics = 0 }: Variant, { messages, words }: Usage): Quantities => {
  const step = (words - short!.words) / (long!.words - short!.words);
  const counts = ITEMS.map((item): [Item, number] => {
    const [from, to] = [short!.quantities[item] ?? 0, long!.quantities[item] ?? 0];
    return [item, Math.max(0, from + step * (to - from)) * messages];
  });
  return Object.fromEntries([...counts, ["metrics", metrics] as const].filter(([, count]) => count > 0));
};

const linesOf = (quantities: Quantities): Line[] =>
  (Object.entries(quantities) as [Item, number][])
    .map(([item, count]) => ({ item, count, usd: usdOf({ [item]: count }) }))
    .filter(({ usd }) => usd > 0)
    .sort((a, b) => b.usd - a.usd);

/** Replaces on-demand units with provisioned ones. */
const provision = ({ writeUnits = 0, readUnits = 0, ...others }: Quantities): Quantities => ({
  ...others,
  provisionedWriteHours: writeUnits / 3600 / SHARE_USED,
  provisionedReadHours: readUnits / 3600 / SHARE_USED,
});

/** What the archive of messages adds. Storage is left out: the objects are compressed, and cost next to nothing. */
const archiveMessages = (messages: number): Quantities => ({
  streamDeliveries: messages,
  streamGigabytes: messages * RECORD_GIGABYTES,
  s3Writes: Math.min(messages, OBJECTS_A_MONTH),
});

const buildBill = ({ date, variants, file }: Costs, usage: Usage): Bill => {
  const [usual, ...others] = variants as [Variant, ...Variant[]];
  const [idle, said] = [usual.idle, priceMessages(usual, usage)];
  const changeTo = (setting: string, newIdle: Quantities, newSaid: Quantities): Change => ({
    setting,
    idle: usdOf(newIdle) - usdOf(idle),
    said: usdOf(newSaid) - usdOf(said),
  });
  const archived = addQuantities(said, multiply(file, usage.messages / 100));
  return {
    prices: PRICES_DATE,
    measured: date,
    usage,
    idle: linesOf(idle),
    said: linesOf(said),
    settings: [
      ...others.map(variant => changeTo(`\`${variant.setting}\``, variant.idle, priceMessages(variant, usage))),
      changeTo(
        "`messageArchiveDays: 30`",
        addQuantities(idle, { alarms: ARCHIVE_ALARMS }),
        addQuantities(said, archiveMessages(usage.messages)),
      ),
      changeTo("an image to archive for every hundredth message", idle, archived),
      changeTo("DynamoDB's capacity provisioned, half of it used; no setting yet", idle, provision(said)),
    ],
  };
};

/** Formats the bill as Markdown, which is also readable in a terminal. */
const describeBill = ({ prices, measured, usage, idle, said, settings }: Bill): string => {
  const sum = (lines: Line[]) => dollars(lines.reduce((total, { usd }) => total + usd, 0));
  const messages = `${format(usage.messages)} messages of ${usage.words} ${usage.words === 1 ? "word" : "words"}`;
  return `In US dollars for us-east-1, at AWS's prices of ${prices}, without free tiers; calls, units, rows and log lines were measured on the laptop on ${measured}.

| a month of ${messages} | count | dollars |
|---|---|---|
${said.map(describeLine).join("\n")}
| together | | ${sum(said)} |

| a month without messages | count | dollars |
|---|---|---|
${idle.map(describeLine).join("\n")}
| together | | ${sum(idle)} |

| a change | of ${messages} | of an idle month |
|---|---|---|
${settings.map(change => `| ${change.setting} | ${signed(change.said)} | ${signed(change.idle)} |`).join("\n")}`;
};

const describeLine = ({ item, count, usd }: Line): string =>
  `| ${NAMES[item]} | ${format(count < 100 ? Number(count.toPrecision(3)) : Math.round(count))} | ${dollars(usd)} |`;

/** The names and units of the items. */
const NAMES: Record<Item, string> = {
  writeUnits: "DynamoDB: write units",
  readUnits: "DynamoDB: read units",
  publishes: "SNS: publishes",
  streamDeliveries: "SNS: deliveries to Firehose",
  streamGigabytes: "Firehose: GB taken in",
  invocations: "Lambda: invocations",
  gbSeconds: "Lambda: GB-seconds",
  requests: "HTTP API: requests",
  transitions: "Step Functions: transitions",
  s3Writes: "S3: objects put",
  sqsRequests: "SQS: requests",
  scheduledRuns: "EventBridge Scheduler: runs",
  logGigabytes: "Logs: GB taken in",
  logGigabyteMonths: "Logs: GB-months kept",
  tableGigabyteMonths: "DynamoDB: GB-months kept",
  backupGigabyteMonths: "DynamoDB: GB-months restorable",
  alarms: "CloudWatch: alarms",
  metrics: "CloudWatch: metrics of our own",
  dashboards: "CloudWatch: dashboards",
  keys: "KMS: keys",
  provisionedWriteHours: "DynamoDB: provisioned write unit-hours",
  provisionedReadHours: "DynamoDB: provisioned read unit-hours",
};

const dollars = (usd: number): string => usd.toFixed(2);

const signed = (usd: number): string => (Math.abs(usd) < 0.005 ? "0" : `${usd > 0 ? "+" : "−"}${Math.abs(usd).toFixed(2)}`);

const format = (count: number): string => count.toLocaleString("en-US", { maximumFractionDigits: 3 });

export type { Change, Usage };
export { buildBill, describeBill };
