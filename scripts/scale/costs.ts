/** What AWS calls cost: units of DynamoDB, and dollars. */
import type { RecordedCall } from "@slack-fanout/laptop-cloud/kernel/calls";
import { type Quantities, usdOf } from "../prices";
import { nameOf } from "./said";

/** What one function did because of one message. */
interface FunctionCost {
  name: string;
  memoryMb: number;
  invocations: number;
  /** How many of them had a batch of a queue. */
  batches?: number;
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

/** How long an invocation is assumed to take. A laptop can't measure it. */
const INVOCATION_SECONDS = 0.1;

/** SNS sends a message to a queue; Lambda receives it, and deletes it. */
const REQUESTS_A_BATCH = 3;

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
  // Nothing calls Invoke where Lambda itself polls a queue.
  for (const cost of costs.values())
    if (cost.invocations === 0) {
      cost.batches = new Set(calls.filter(call => nameOf(call) === cost.name).map(({ invocation }) => invocation)).size;
      cost.invocations = cost.batches;
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
  for (const { resource, write, keys } of calls.flatMap(call => call.units ?? [])) {
    const [place, kind] = [placeOf(resource), write > 0 ? "write" : "read"] as const;
    for (const { key, units } of keys) {
      const name = [kind, place, key].join("~");
      sums.set(name, { place, key, kind, units: (sums.get(name)?.units ?? 0) + units });
    }
  }
  return sums;
};

/** "arn:...:table/words/index/by-level": "words/by-level". */
const placeOf = (arn: string) => arn.slice(arn.indexOf(":table/") + ":table/".length).replace("/index/", "/");

/** What is paid for one invocation with its calls. `isDoor`: whether a request to the HTTP API invokes the function. */
const quantitiesOf = ({ memoryMb, invocations, batches = 0, calls, units }: FunctionCost, isDoor: boolean): Quantities => {
  const sum = (kind: "read" | "write") => Object.values(units).reduce((total, each) => total + each[kind], 0);
  return {
    writeUnits: sum("write"),
    readUnits: sum("read"),
    publishes: calls["sns:Publish"] ?? 0,
    s3Writes: calls["s3:PutObject"] ?? 0,
    sqsRequests: (calls["sqs:SendMessage"] ?? 0) + REQUESTS_A_BATCH * batches,
    invocations,
    gbSeconds: invocations * INVOCATION_SECONDS * (memoryMb / 1024),
    requests: isDoor ? invocations : 0,
  };
};

/** The dollars of one invocation with its calls. */
const dollarsOf = (cost: FunctionCost, isDoor: boolean): number => usdOf(quantitiesOf(cost, isDoor));

export type { FunctionCost, KeyUnits };
export { addUp, dollarsOf, findHotKeys, INVOCATION_SECONDS, placeOf, quantitiesOf };
