/** What AWS calls cost: units of DynamoDB, and dollars. */
import type { RecordedCall } from "@slack-fanout/laptop-cloud/kernel/calls";
import { nameOf } from "./said";

/** What one function did because of one message. */
interface FunctionCost {
  name: string;
  memoryMb: number;
  invocations: number;
  /** How often each operation was called: "dynamodb:Query". */
  calls: Record<string, number>;
  /** By table, or "TABLE/INDEX". */
  units: Record<string, { read: number; write: number }>;
}

/** The units that one message takes of the partition key that it uses most in a table or index. */
interface KeyUnits {
  /** "TABLE" or "TABLE/INDEX". */
  place: string;
  key: string;
  kind: "read" | "write";
  units: number;
}

/** AWS's public prices for us-east-1 in US dollars, without free tiers and discounts for large volumes. */
const PRICES = {
  "a million write units of DynamoDB, on demand": { usd: 0.625, page: "https://aws.amazon.com/dynamodb/pricing/on-demand/" },
  "a million read units of DynamoDB, on demand": { usd: 0.125, page: "https://aws.amazon.com/dynamodb/pricing/on-demand/" },
  "a million publishes to SNS, of up to 64 KB; deliveries to Lambda are free": { usd: 0.5, page: "https://aws.amazon.com/sns/pricing/" },
  "a million invocations of Lambda": { usd: 0.2, page: "https://aws.amazon.com/lambda/pricing/" },
  "a million GB-seconds of Lambda, x86": { usd: 16.6667, page: "https://aws.amazon.com/lambda/pricing/" },
  "a million requests to an HTTP API": { usd: 1, page: "https://aws.amazon.com/api-gateway/pricing/" },
} as const;

/** When the prices were looked up. */
const PRICES_DATE = "2026-11-29";

/** How long an invocation is assumed to take. A laptop can't measure it. */
const INVOCATION_SECONDS = 0.1;

const MILLION = 1_000_000;

const priceOf = (what: keyof typeof PRICES) => PRICES[what].usd / MILLION;

/** Adds up the calls of each function. `memoryMb` is by name of the function. */
const addUp = (calls: readonly RecordedCall[], memoryMb: Record<string, number>): FunctionCost[] => {
  const costs = new Map<string, FunctionCost>();
  for (const call of calls) {
    const name = nameOf(call)!;
    const cost = costs.get(name) ?? { name, memoryMb: memoryMb[name] ?? 128, invocations: 0, calls: {}, units: {} };
    costs.set(name, cost);
    if (call.operation === "Invoke") cost.invocations += 1;
    else addCall(cost, call);
  }
  return [...costs.values()];
};

const addCall = (cost: FunctionCost, { service, operation, units = [] }: RecordedCall) => {
  const operationName = `${service}:${operation}`;
  cost.calls[operationName] = (cost.calls[operationName] ?? 0) + 1;
  for (const { resource, read, write } of units) {
    const place = placeOf(resource);
    const sum = cost.units[place] ?? { read: 0, write: 0 };
    cost.units[place] = { read: sum.read + read, write: sum.write + write };
  }
};

/** The hottest partition keys, the hottest first. Only the keys that an earlier message took, too, since no limit concerns those of one message. */
const findHotKeys = (calls: readonly RecordedCall[], earlier: readonly RecordedCall[]): KeyUnits[] => {
  const shared = sumByKey(earlier);
  const hottest = new Map<string, KeyUnits>();
  for (const [name, sum] of sumByKey(calls)) {
    const place = `${sum.kind} ${sum.place}`;
    if (shared.has(name) && sum.units > (hottest.get(place)?.units ?? 0)) hottest.set(place, sum);
  }
  return [...hottest.values()].sort((a, b) => b.units - a.units);
};

const sumByKey = (calls: readonly RecordedCall[]): Map<string, KeyUnits> => {
  const sums = new Map<string, KeyUnits>();
  for (const { resource, write, hottest } of calls.flatMap(call => call.units ?? [])) {
    const [place, kind] = [placeOf(resource), write > 0 ? "write" : "read"] as const;
    const name = [kind, place, hottest.key].join("~");
    sums.set(name, { place, key: hottest.key, kind, units: (sums.get(name)?.units ?? 0) + hottest.units });
  }
  return sums;
};

/** "arn:...:table/words/index/by-ranking": "words/by-ranking". */
const placeOf = (arn: string) => arn.slice(arn.indexOf(":table/") + ":table/".length).replace("/index/", "/");

/** The dollars of one invocation with its calls. `isDoor`: whether a request to the HTTP API invokes the function. */
const dollarsOf = ({ memoryMb, invocations, calls, units }: FunctionCost, isDoor: boolean): number => {
  const sum = (kind: "read" | "write") => Object.values(units).reduce((total, each) => total + each[kind], 0);
  return (
    sum("write") * priceOf("a million write units of DynamoDB, on demand") +
    sum("read") * priceOf("a million read units of DynamoDB, on demand") +
    (calls["sns:Publish"] ?? 0) * priceOf("a million publishes to SNS, of up to 64 KB; deliveries to Lambda are free") +
    invocations * priceOf("a million invocations of Lambda") +
    invocations * INVOCATION_SECONDS * (memoryMb / 1024) * priceOf("a million GB-seconds of Lambda, x86") +
    (isDoor ? invocations * priceOf("a million requests to an HTTP API") : 0)
  );
};

export type { FunctionCost, KeyUnits };
export { addUp, dollarsOf, findHotKeys, INVOCATION_SECONDS, PRICES, PRICES_DATE, placeOf };
