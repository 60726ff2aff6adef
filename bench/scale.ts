/**
 * Finds by experiment how many messages of ten words a second the doors, the multiplier and the leaderboard take before DynamoDB throttles.
 *
 * `node -C slack-fanout-source -r ./bin/load-typescript.cjs bench/scale.ts`. The laptop runs with `partitionLimits` at a share of AWS's limits, since it may be slower
 * than AWS's limits allow. Each experiment says messages at a rate that grows in steps, until a call is throttled; it ends after `maxSteps`. All rates are printed
 * as they would be with AWS's whole limits. Beside them stands the rate that follows from the units of some messages. All experiments run twice: with the
 * default settings, and with the settings that move the limits.
 */
import type { RecordedCall } from "@slack-fanout/laptop-cloud/kernel/calls";
import { addUp, findHotKeys, placeOf } from "../scripts/scale/costs";
import { type Expected, readCalls, recordCalls, Speaker, WORDS } from "../scripts/scale/said";
import { LaptopProcess, untilTaken } from "../test/cloud/laptop-process";

/** The settings of the second laptop. */
const grown = ["--config", "boardShards=2", "--config", "hotWords=#hot,awsadvent"];

/** How many people speak. */
const people = 200;

/** How many messages the arithmetic is an average of: their words differ, and so do their shards. */
const averaged = 8;

const growth = 1.25;
const maxSteps = 10;

/** A key begins a step with one second's units, so a rate that is up to an eighth above the limit may pass. */
const stepMs = 8000;

/** AWS's write units a second for each partition key. */
const writeUnits = 1000;

interface Experiment {
  name: string;
  /** The share of AWS's limits. */
  share: number;
  /** Messages a second, with AWS's limits. */
  firstRate: number;
  say(): Promise<Response>;
  /** The calls that show that a message is counted everywhere. */
  expected: Expected[];
}

const EXPERIMENTS = 3;

const createExperiments = (laptop: LaptopProcess): Experiment[] => {
  const speaker = new Speaker(laptop, people);
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
    {
      name: `events: ${WORDS} hashtags, all different`,
      ...{ share: 0.1, firstRate: 20 },
      say: () => speaker.hashtags(newWords(WORDS)),
      expected: countedBy("events"),
    },
    {
      name: `webhook: the trigger word, and ${WORDS - 1} different words`,
      ...{ share: 0.1, firstRate: 20 },
      say: () => speaker.webhook(newWords(WORDS - 1)),
      expected: countedBy("webhook"),
    },
    {
      name: "events: the same hashtag in each message, and nothing else",
      ...{ share: 0.02, firstRate: 150 },
      say: () => speaker.hashtags(["hot"]),
      expected: countedBy("events"),
    },
  ];
};

/** Says messages at this rate for one step. Returns how many were answered a second, with AWS's limits. */
const runStep = async ({ say, share }: Pick<Experiment, "say" | "share">, rate: number): Promise<number> => {
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

const find = async (laptop: LaptopProcess, experiment: Experiment): Promise<Finding> => {
  const { share, firstRate } = experiment;
  const seen = new Set((await findThrottled(laptop, new Set())).map(({ id }) => id));
  let passed = 0;
  await laptop.control("weather", { partitionLimits: share });
  try {
    for (let step = 0; step < maxSteps; step += 1) {
      const rate = firstRate * growth ** step;
      const answered = await runStep(experiment, rate);
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

const describeFinding = ({ passed, throttled }: Finding, share: number): string =>
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

/** Records some messages, and returns the calls of the last one too. */
const average = async (laptop: LaptopProcess, { say, expected }: Experiment) => {
  // The first request may take longer than Slack waits, because the functions start.
  await untilTaken(say);
  await laptop.rest();
  const recorded: RecordedCall[][] = [];
  for (let message = 0; message <= averaged; message += 1) recorded.push(await recordCalls(laptop, say, expected));
  const [earlier = [], ...calls] = recorded;
  // A key that several messages share may be missing from the first one.
  const [hottest] = findHotKeys(calls.flat(), [...earlier, ...calls.slice(1).flat()]);
  return { hottest: hottest!, units: hottest!.units / averaged, last: calls.at(-1)! };
};

/** Runs one experiment on a laptop of its own: what others left throttled is tried again for minutes. */
const run = async (settings: string[], number: number) => {
  const laptop = await LaptopProcess.create();
  try {
    await laptop.start(...settings);
    const experiment = createExperiments(laptop)[number]!;
    const { hottest, units, last } = await average(laptop, experiment);
    console.log(experiment.name);
    console.log(`  experiment   ${describeFinding(await find(laptop, experiment), experiment.share)}`);
    console.log(
      `  arithmetic   ${(writeUnits / units).toFixed(1)} messages/s: ${units.toFixed(1)} units a message, ${hottest.place}, key ${hottest.key}`,
    );
    printUnits(last);
  } finally {
    await laptop.remove();
  }
};

const main = async () => {
  console.log(`Rates are for AWS's ${writeUnits} write units a second for each partition key. The laptop runs with a share of them.`);
  console.log(
    `In a step of ${stepMs / 1000} s, up to ${Math.round(100_000 / stepMs)} % more than the limit may pass, since keys begin with one second's units.`,
  );
  for (const settings of [[], grown]) {
    console.log(`\nSettings: ${settings.filter(text => text !== "--config").join(" ") || "as they come"}`);
    for (let number = 0; number < EXPERIMENTS; number += 1) await run(settings, number);
  }
};

void main();
