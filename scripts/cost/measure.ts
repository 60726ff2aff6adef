/** Measures on the laptop cloud what messages cost, once for each setting that changes the cost. */
import { setTimeout } from "node:timers/promises";
import { CloudWatchClient, paginateListMetrics } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, paginateListTables, paginateScan, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetExecutionHistoryCommand, ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { RecordedCall } from "@slack-fanout/laptop-cloud/kernel/calls";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { NAMESPACE } from "#core/metrics";
import { LaptopProcess, postOf } from "../../test/cloud/laptop-process";
import { addQuantities, type Item, multiply, type Quantities } from "../prices";
import { addUp, type FunctionCost, quantitiesOf } from "../scale/costs";
import { type Expected, INVOKERS, recordCalls, Speaker } from "../scale/said";
import { addUpIdle, HOURS_A_MONTH, type Resource } from "./idle";

/** The costs of a stack in which one setting is changed. */
interface Variant {
  /** As in a stack's file: "personalBoards: false". Empty for the default settings. */
  setting: string;
  /** In a month without messages. */
  idle: Quantities;
  /** The costs of one message, for two lengths. The costs of other lengths follow, because they are linear. */
  messages: { words: number; quantities: Quantities }[];
  /** How many custom metrics messages cause. The number does not depend on the number of messages. */
  metrics?: number;
}

interface Costs {
  /** When they were measured, "2026-11-29". */
  date: string;
  /** The first one has the default settings. */
  variants: Variant[];
  /** A hashtag and an image, archived. */
  file: Quantities;
}

/** Settings for every measurement, because those of the laptop's own stack differ from a usual stack on AWS. */
const USUAL = ["agent=off", "logRetentionDays=30"];

/** Each changes one of the default settings, and what that setting requires. */
const SETTINGS: { setting: string; config: string[] }[] = [
  { setting: "", config: [] },
  { setting: "personalBoards: false", config: ["personalBoards=false"] },
  { setting: "multiplier: 0", config: ["multiplier=0"] },
  { setting: "publish: false", config: ["publish=false"] },
  { setting: "hotWords: [awsadvent]", config: ["hotWords=awsadvent"] },
  { setting: "boardShards: 4", config: ["boardShards=4"] },
  { setting: "triggersFrom: events", config: ["triggersFrom=events"] },
  { setting: "workspaces: many", config: ["workspaces=many"] },
  { setting: "features: [dibs]", config: ["features=dibs"] },
  { setting: "agent: fargate", config: ["agent=fargate"] },
  { setting: "production: true", config: ["production=true"] },
  { setting: "archiveDays: 365", config: ["archiveDays=365"] },
  { setting: "logText: true", config: ["logText=true"] },
  { setting: "debug: true", config: ["debug=true"] },
];

/** The lengths of the messages that are measured, the trigger word included. */
const LENGTHS = [10, 40];

const GIGABYTE = 1024 ** 3;

/** What DynamoDB adds to an item. Source: Developer Guide, "DynamoDB Item sizes and formats". */
const ITEM_OVERHEAD_BYTES = 100;

/** The services that invoke a function because of a message, directly or later. */
const ALL_INVOKERS = [...INVOKERS, "states.amazonaws.com"];

/** The size of a line of the API's access log, with the fields of components/resources/http-api.ts. */
const ACCESS_LINE_BYTES = 270;

const HTTP_API = "apigateway.amazonaws.com";

/** A laptop that runs with one setting changed. */
class Meter {
  readonly #laptop: LaptopProcess;
  readonly #resources: readonly Resource[];
  readonly #logs: CloudWatchLogsClient;
  readonly #metrics: CloudWatchClient;
  readonly #tables: DynamoDBClient;
  readonly #executions: SFNClient;

  constructor(laptop: LaptopProcess, resources: readonly Resource[]) {
    this.#laptop = laptop;
    this.#resources = resources;
    this.#logs = new CloudWatchLogsClient(laptop.client);
    this.#metrics = new CloudWatchClient(laptop.client);
    this.#tables = new DynamoDBClient(laptop.client);
    this.#executions = new SFNClient(laptop.client);
  }

  /** With many workspaces, waits until the laptop has installed the app in the first workspace, soon after it is ready. */
  async waitForInstallation(): Promise<void> {
    const TableName = this.#laptop.endpoints.outputs["installationsTable"];
    if (TableName === undefined) return;
    await eventually(async () => (await this.#tables.send(new ScanCommand({ TableName }))).Count);
  }

  async measureVariant(setting: string): Promise<Variant> {
    const speaker = new Speaker(this.#laptop);
    const messages = [];
    for (const words of LENGTHS) {
      const say = this.#sayer(speaker, words);
      // Not measured: it warms the functions up, and afterwards the words are known.
      await recordCalls(this.#laptop, say, this.#expected, ALL_INVOKERS);
      messages.push({ words, quantities: round(await this.measure(say, this.#expected)) });
    }
    const metrics = await this.#countMetrics();
    return { setting, idle: round(await this.measureIdle()), messages, metrics };
  }

  async measureFile(): Promise<Quantities> {
    const share = () => new Speaker(this.#laptop).file("receipt");
    const arn = this.#laptop.endpoints.outputs["documentsStateMachineArn"];
    const succeeded = async () =>
      (await this.#executions.send(new ListExecutionsCommand({ stateMachineArn: arn, statusFilter: "SUCCEEDED" }))).executions!;
    const archive = async (count: number) => {
      const response = await share();
      await eventually(async () => (await succeeded()).length >= count, ARCHIVE_LIMIT_MS);
      return response;
    };
    const expected: Expected[] = [...COUNTED, ["notifier", "UpdateItem"]];
    await recordCalls(this.#laptop, () => archive(1), expected, ALL_INVOKERS);
    const quantities = await this.measure(() => archive(2), expected);
    const [last] = await succeeded();
    const { events } = await this.#executions.send(new GetExecutionHistoryCommand({ executionArn: last!.executionArn, maxResults: 1000 }));
    const transitions = events!.filter(({ type }) => type!.endsWith("StateEntered")).length;
    return round({ ...quantities, transitions });
  }

  /** Measures what one run of `say` causes. */
  async measure(say: () => Promise<Response>, expected: readonly Expected[]): Promise<Quantities> {
    const [logs, rows] = [await this.#readLogs(), await this.#readRows()];
    const calls = await recordCalls(this.#laptop, say, expected, ALL_INVOKERS);
    const costs = addUp(calls, this.#memoryMb);
    const doors = new Set(calls.filter(({ caller, operation }) => caller === HTTP_API && operation === "Invoke").map(nameOfInvoked));
    const requests = costs.filter(({ name }) => doors.has(name)).reduce((sum, { invocations }) => sum + invocations, 0);
    return addQuantities(
      ...costs.map(cost => quantitiesOf(cost, doors.has(cost.name))),
      await this.#logsSince(logs, costs, requests),
      await this.#rowsSince(rows),
    );
  }

  /** Estimates a month without messages. The relay is measured for a minute. Other scheduled functions count as invocations without calls. */
  async measureIdle(): Promise<Quantities> {
    const logs = await this.#readLogs();
    const wait = () => fetch(`${this.#laptop.endpoints.page}/control/clock`, postOf({ advanceSeconds: 60 }));
    const calls = await recordCalls(this.#laptop, wait, [["relay", "Query"]], ["scheduler.amazonaws.com"]);
    const relay = addUp(calls, this.#memoryMb).find(({ name }) => name === "relay")!;
    const runs = (HOURS_A_MONTH * 60) / relay.invocations;
    const runOf = (name: string) => (name === "relay" ? averageRun(relay) : { name, memoryMb: this.#memoryMb[name]!, ...ONE_RUN });
    return addQuantities(addUpIdle(this.#resources, runOf), multiply(await this.#logsSince(logs, [relay]), runs));
  }

  async #countMetrics(): Promise<number> {
    let count = 0;
    for await (const { Metrics } of paginateListMetrics({ client: this.#metrics }, { Namespace: NAMESPACE })) count += Metrics!.length;
    return count;
  }

  #sayer(speaker: Speaker, words: number): () => Promise<Response> {
    const others = Array.from({ length: words - 1 }, (_, index) => `word${index + 1}`);
    return () => (this.#byWebhook ? speaker.webhook(others) : speaker.trigger(others));
  }

  get #byWebhook() {
    return this.#laptop.endpoints.outputs["webhookUrl"] !== undefined;
  }

  get #expected(): Expected[] {
    const declared = new Set(Object.keys(this.#memoryMb));
    const answered: Expected[] = this.#byWebhook
      ? [["webhook", "UpdateItem"]]
      : [
          ["events", "UpdateItem"],
          ["notifier", "UpdateItem"],
        ];
    return [...answered, ...COUNTED.filter(([name]) => declared.has(name))];
  }

  get #functions() {
    return this.#resources.filter(({ type }) => type === "aws:lambda/function:Function");
  }

  /** The memory of each function, as the program declares it. */
  get #memoryMb(): Record<string, number> {
    return Object.fromEntries(this.#functions.map(({ name, inputs }) => [name, inputs["memorySize"] ?? 128]));
  }

  /** Waits until no more lines are written, because an invocation's last lines are written after its end. */
  async #readLogs(): Promise<Map<string, number>> {
    for (let [last, now] = ["", await this.#readLogsNow()]; ; [last, now] = [JSON.stringify([...now]), await this.#readLogsNow()]) {
      if (JSON.stringify([...now]) === last) return now;
      await setTimeout(QUIET_MS);
    }
  }

  async #readLogsNow(): Promise<Map<string, number>> {
    const bytes = new Map<string, number>();
    for await (const { logGroups } of paginateDescribeLogGroups({ client: this.#logs }, {}))
      for (const { logGroupName, storedBytes } of logGroups!) bytes.set(logGroupName!, storedBytes!);
    return bytes;
  }

  /** Adds up the log lines of functions. Estimates those of the API's access log, which the laptop cloud does not write. */
  async #logsSince(earlier: Map<string, number>, costs: readonly FunctionCost[], requests = 0): Promise<Quantities> {
    const now = await this.#readLogs();
    const groups = this.#functions
      .filter(({ name }) => costs.some(cost => cost.name === name))
      .map(({ inputs }) => inputs["loggingConfig"].logGroup);
    const bytes = groups.reduce((sum, name) => sum + (now.get(name) ?? 0) - (earlier.get(name) ?? 0), requests * ACCESS_LINE_BYTES);
    const months =
      this.#resources.find(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup")!.inputs["retentionInDays"] / DAYS_A_MONTH;
    return { logGigabytes: bytes / GIGABYTE, logGigabyteMonths: (bytes / GIGABYTE) * months };
  }

  /** The byte-months of each row that will expire. */
  async #readRows(): Promise<Map<string, number>> {
    const nowSeconds = (await this.#laptop.nowMs()) / 1000;
    const rows = new Map<string, number>();
    for await (const { TableNames } of paginateListTables({ client: this.#tables }, {}))
      for (const TableName of TableNames!)
        for await (const { Items } of paginateScan({ client: this.#tables }, { TableName }))
          for (const item of Items!) {
            const row = unmarshall(item);
            const months = (row["expires_at"] - nowSeconds) / (HOURS_A_MONTH * 3600);
            const bytes = JSON.stringify(row).length + ITEM_OVERHEAD_BYTES;
            const key = this.#keysOf(TableName).map(name => row[name]);
            if (months > 0) rows.set(JSON.stringify([TableName, ...key]), bytes * months);
          }
    return rows;
  }

  #keysOf(table: string): string[] {
    const { inputs } = this.#resources.find(({ type, name }) => type === "aws:dynamodb/table:Table" && name === table)!;
    return [inputs["hashKey"], inputs["rangeKey"]].filter(name => name !== undefined);
  }

  async #rowsSince(earlier: Map<string, number>): Promise<Quantities> {
    const byteMonths = [...(await this.#readRows())].reduce((sum, [key, each]) => sum + (earlier.has(key) ? 0 : each), 0);
    const isRestorable = this.#resources.some(({ inputs }) => inputs["pointInTimeRecovery"]?.enabled);
    const gigabyteMonths = byteMonths / GIGABYTE;
    return { tableGigabyteMonths: gigabyteMonths, ...(isRestorable && { backupGigabyteMonths: gigabyteMonths }) };
  }
}

const DAYS_A_MONTH = HOURS_A_MONTH / 24;

/** Longer than it takes to write a line. */
const QUIET_MS = 1500;

const ARCHIVE_LIMIT_MS = 60_000;

/** What subscribers do because of a message that counts. */
const COUNTED: Expected[] = [
  ["multiplier", "TransactWriteItems"],
  ["leaderboard", "TransactWriteItems"],
];

const ONE_RUN = { invocations: 1, calls: {}, units: {} };

/** More than one run may fall into a minute. */
const averageRun = (cost: FunctionCost): FunctionCost => {
  const share = (count: number) => count / cost.invocations;
  const units = Object.entries(cost.units).map(([place, { read, write }]) => [place, { read: share(read), write: share(write) }]);
  const calls = Object.entries(cost.calls).map(([operation, count]) => [operation, share(count)]);
  return { ...cost, invocations: 1, calls: Object.fromEntries(calls), units: Object.fromEntries(units) };
};

const nameOfInvoked = ({ resource }: RecordedCall) => resource!.split(":").at(-1)!;

/** Six digits: more would only be noise in the stored file. */
const round = (quantities: Quantities): Quantities =>
  Object.fromEntries((Object.entries(quantities) as [Item, number][]).map(([item, count]) => [item, Number(count.toPrecision(6))]));

/** Starts a laptop with settings, and removes it when `use` is over. */
const withLaptop = async <T>(config: readonly string[], use: (meter: Meter) => Promise<T>): Promise<T> => {
  const laptop = await LaptopProcess.create();
  try {
    await laptop.start(...[...USUAL, ...config].flatMap(each => ["--config", each]));
    const { resources } = (await laptop.control("inventory")) as { resources: Resource[] };
    const meter = new Meter(laptop, resources);
    await meter.waitForInstallation();
    return await use(meter);
  } finally {
    await laptop.remove();
  }
};

/** Measures everything, which takes some minutes. */
const measureCosts = async (report: (sentence: string) => void): Promise<Costs> => {
  const variants: Variant[] = [];
  for (const { setting, config } of SETTINGS) {
    report(`Measuring ${setting || "the default settings"}.`);
    variants.push(await withLaptop(config, meter => meter.measureVariant(setting)));
  }
  report("Measuring a file.");
  const file = await withLaptop([], meter => meter.measureFile());
  return { date: new Date().toISOString().slice(0, 10), variants, file };
};

export type { Costs, Variant };
export { LENGTHS, measureCosts };
