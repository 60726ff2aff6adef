import { join } from "node:path";
import { AwsError } from "../../kernel/aws-error";
import type { Clock } from "../../kernel/clock";
import type { Call, Cloud, OperationOf, Place } from "../../kernel/service";
import type { Weather } from "../../kernel/weather";
import type { AttributeValue, Item } from "./attribute-value";
import { Database } from "./database";
import { KeyLocks } from "./key-locks";
import { PartitionLimits } from "./partition-limits";
import { RequestTokens } from "./request-tokens";
import { type Table, type TableDescription, Tables } from "./store";

/** The parts that operations work with. */
interface Engine {
  database: Database;
  tables: Tables;
  locks: KeyLocks;
  limits: PartitionLimits;
  tokens: RequestTokens;
  clock: Clock;
  place: Place;
  weather: Weather;
}

const createEngine = ({ clock, directory, place, weather }: Cloud): Engine => {
  const database = new Database(join(directory, "dynamodb"));
  return {
    database,
    tables: new Tables(database),
    locks: new KeyLocks(),
    limits: new PartitionLimits(weather),
    tokens: new RequestTokens(database, clock),
    clock,
    place,
    weather,
  };
};

type EngineOperation = OperationOf<Engine>;

/** The ARN of a table, or of its index `index`. */
const arnOf = ({ region, account }: Place, table: string, index?: string) =>
  `arn:aws:dynamodb:${region}:${account}:table/${table}${index === undefined ? "" : `/index/${index}`}`;

/**
 * Authorizes an action on a table or on its index `index`, then checks that the table exists.
 *
 * `keys` are the items that it touches, for the condition key `dynamodb:LeadingKeys`. Throws AccessDeniedException,
 * ResourceNotFoundException.
 */
const permit = (
  { tables, place }: Engine,
  call: Call,
  action: string,
  { table, index, keys = [] }: { table: string; index?: string; keys?: Item[] },
): Table => {
  const resource = arnOf(place, table, index);
  const description = tables.get(table)?.description;
  const leading = description === undefined ? [] : leadingKeys(description, index, keys);
  call.authorize(`dynamodb:${action}`, resource, leading.length > 0 ? { context: { "dynamodb:LeadingKeys": leading } } : {});
  return tables.find(table);
};

const leadingKeys = (table: TableDescription, index: string | undefined, keys: Item[]): string[] => {
  const schema =
    index === undefined ? table.KeySchema : table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index)?.KeySchema;
  const hash = (schema ?? table.KeySchema)[0]!.AttributeName;
  return [...new Set(keys.filter(key => Object.hasOwn(key, hash)).map(key => textOf(key[hash]!)))];
};

const textOf = ({ S, N, B }: AttributeValue) => S ?? N ?? B ?? "";

/** The error of a throttled table, or of its global index `index`, in the words that TransactionCanceledException documents. */
const throttled = (table: TableDescription, index?: string, fields: Record<string, unknown> = {}) => {
  const [code, ofTable, ofIndex] =
    table.BillingModeSummary?.BillingMode === "PAY_PER_REQUEST"
      ? [
          "ThrottlingException",
          "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.",
          "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is automatically scaling your index so please try again shortly.",
        ]
      : [
          "ProvisionedThroughputExceededException",
          "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
          "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API.",
        ];
  return new AwsError(code!, (index === undefined ? ofTable : ofIndex)!, 400, fields);
};

/** Throws ThrottlingException (or ProvisionedThroughputExceededException, by billing mode) if the weather says so. */
const weatherThrottle = ({ weather }: Engine, { description }: Table) => {
  if (weather.strikes("throttle")) throw throttled(description);
};

export type { Engine, EngineOperation };
export { arnOf, createEngine, permit, throttled, weatherThrottle };
