/**
 * Finds by experiment how many messages of ten words a second the doors, the multiplier and the leaderboard take before DynamoDB throttles.
 *
 * `node -C slack-fanout-source -r ./bin/load-typescript.cjs bench/scale.ts`. The laptop runs with `partitionLimits` at a share of AWS's limits, since it may be slower
 * than AWS's limits allow. Each experiment says messages at a rate that grows in steps, until a call is throttled; it ends after `maxSteps`. All rates are printed
 * as they would be with AWS's whole limits. Beside them stands the rate that follows from the units of one message.
 */
import type { RecordedCall } from "@slack-fanout/laptop-cloud/kernel/calls";
import { addUp, findHotKeys, placeOf } from "../scripts/scale/costs";
import { type Expected, readCalls, recordCalls, Speaker, WORDS } from "../scripts/scale/said";
import { LaptopProcess } from "../test/cloud/laptop-process";

/** The share of AWS's limits. */
const share = 0.1;

/** Messages a second, with AWS's limits. */
const firstRate = 12;
const growth = 1.25;
const maxSteps = 10;

/** A key begins a step with one second's units, so a rate that is up to an eighth above the limit may pass. */
const stepMs = 8000;

/** AWS's write units a second for each partition key. */
const writeUnits = 1000;

interface Experiment {
  name: string;
  say(): Promise<Response>;
  /** The calls that show that a message is counted everywhere. */
  expected: Expected[];
}

const createExperiments = (laptop: LaptopProcess): Experiment[] => {
  const speaker = new Speaker(laptop);
  let said = 0;
  /** Words that nobody has said before. Digits alone would be words, too. */
  const newWords = (count: number) =>
    Array.from({ length: count }, () => {
      said += 1;
      return `word${said}`;
    });
  const countedBy = (door: string): Expected[] => [
    [door, "UpdateItem"],
    ["multiplier", "TransactWriteItems"],
    ["leaderboard", "TransactWriteItems"],
  ];
  return [
    { name: "events: all words different", say: () => speaker.hashtags(newWords(WORDS)), expected: countedBy("events") },
    {
      name: "events: one word in each message",
      say: () => speaker.hashtags(["hot", ...newWords(WORDS - 1)]),
      expected: countedBy("events"),
    },
    { name: "webhook: the trigger word in each message", say: () => speaker.webhook(newWords(WORDS - 1)), expected: countedBy("webhook") },
  ];
};

/** Says messages at this rate for one step. Returns how many were answered a second, with AWS's limits. */
const runStep = async (say: () => Promise<Response>, rate: number): Promise<number> => {
  const startedMs = performance.now();
  const pauseMs = 1000 / (rate * share);
  const answers: Promise<unknown>[] = [];
  for (let dueMs = startedMs; dueMs < startedMs + stepMs; dueMs += pauseMs) {
    await new Promise(resolve => setTimeout(resolve, dueMs - performance.now()));
    answers.push(say());
  }
  await Promise.all(answers);
  return (answers.length * 1000) / Math.max(stepMs, performance.now() - startedMs) / share;
};

/** The throttled calls since the step began. */
const findThrottled = async (laptop: LaptopProcess, seen: ReadonlySet<string>): Promise<RecordedCall[]> =>
  (await readCalls(laptop)).filter(({ id, throttledBy }) => throttledBy !== undefined && !seen.has(id));

interface Finding {
  /** The highest rate without a throttled call. */
  passed: number;
  /** The first rate with one, as messages were said, and the partition key that was at its limit. */
  throttled?: { rate: number; place: string; key: string; function: string };
}

const experiment = async (laptop: LaptopProcess, say: () => Promise<Response>): Promise<Finding> => {
  const seen = new Set((await findThrottled(laptop, new Set())).map(({ id }) => id));
  let passed = 0;
  await laptop.control("weather", { partitionLimits: share });
  try {
    for (let step = 0; step < maxSteps; step += 1) {
      const rate = firstRate * growth ** step;
      const answered = await runStep(say, rate);
      await laptop.rest();
      const [first] = await findThrottled(laptop, seen);
      if (first?.throttledBy === undefined) {
        passed = Math.max(passed, answered);
        continue;
      }
      const { resource, key } = first.throttledBy;
      return { passed, throttled: { rate, place: placeOf(resource), key, function: first.function ?? first.caller } };
    }
    return { passed };
  } finally {
    await laptop.control("weather", {});
  }
};

const describeFinding = ({ passed, throttled }: Finding): string =>
  throttled === undefined
    ? `not throttled at ${passed.toFixed(1)} messages/s; this laptop is too slow for ${share} of the limits`
    : `${passed.toFixed(1)} messages/s pass, ${throttled.rate.toFixed(1)} are throttled: ${throttled.function} at ${throttled.place}, key ${throttled.key}`;

const printUnits = (calls: RecordedCall[]) => {
  for (const { name, calls: operations, units } of addUp(calls, {})) {
    const consumed = Object.entries(units).map(
      ([place, { read, write }]) => `${place} ${[write && `${write} written`, read && `${read} read`].filter(Boolean).join(", ")}`,
    );
    const made = Object.entries(operations).map(([operation, count]) => `${count} ${operation}`);
    console.log(`  ${name.padEnd(12)} ${made.join(", ") || "no calls"}${consumed.length === 0 ? "" : `   units: ${consumed.join("; ")}`}`);
  }
};

const main = async () => {
  const laptop = await LaptopProcess.create();
  try {
    await laptop.start();
    console.log(`Partition keys have ${writeUnits * share} write units a second here. Rates are for AWS's ${writeUnits}.`);
    console.log(
      `In a step of ${stepMs / 1000} s, up to ${Math.round(100_000 / stepMs)} % more than the limit may pass, since keys begin with one second's units.\n`,
    );
    for (const { name, say, expected } of createExperiments(laptop)) {
      const [earlier, calls] = [await recordCalls(laptop, say, expected), await recordCalls(laptop, say, expected)];
      const [hottest] = findHotKeys(calls, earlier);
      console.log(name);
      console.log(`  experiment   ${describeFinding(await experiment(laptop, say))}`);
      console.log(
        `  arithmetic   ${(writeUnits / hottest!.units).toFixed(1)} messages/s: ${hottest!.units} units a message, ${hottest!.place}, key ${hottest!.key}`,
      );
      printUnits(calls);
    }
  } finally {
    await laptop.remove();
  }
};

void main();
