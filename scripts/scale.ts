/** `npm run scale`: measures on the laptop what messages cost at AWS, and writes `docs/scale.md`. */
import { LaptopProcess } from "../test/cloud/laptop-process";
import { defineScript, runScript } from "./command-line";
import { addUp, findHotKeys } from "./scale/costs";
import { buildPage, type Case, type Results } from "./scale/page";
import { type Expected, knownWords, recordCalls, Speaker, WORDS } from "./scale/said";
import { format, writeFiles } from "./write-files";

const RESULTS = "docs/scale.json";
const PAGE = "docs/scale.md";

/** Something to measure: what is done, and the calls that show that it is over. */
interface Trial {
  name: string;
  door: string;
  /** What must have happened before. */
  prepare?: { say(): Promise<Response>; expected: Expected[] };
  say(): Promise<Response>;
  expected: Expected[];
}

const createTrials = (speaker: Speaker): Trial[] => {
  const counters: Expected[] = ["multiplier", "leaderboard"].map(name => [name, "TransactWriteItems"]);
  const hashtags = {
    say: () => speaker.hashtags(knownWords),
    expected: [["events", "UpdateItem"], ["logger", "Invoke"], ...counters] satisfies Expected[],
  };
  return [
    { name: `A message of ${WORDS} hashtags`, door: "events", ...hashtags },
    {
      name: `A message of the trigger word and ${WORDS - 1} words`,
      door: "webhook",
      say: () => speaker.webhook(knownWords.slice(1)),
      expected: [["webhook", "UpdateItem"], ["logger", "Invoke"], ...counters],
    },
    {
      name: `An edit of one of ${WORDS} hashtags`,
      door: "events",
      prepare: hashtags,
      say: () => speaker.edit("another"),
      expected: [["events", "UpdateItem"], ...counters],
    },
    {
      name: "A message of a hashtag and a file",
      door: "events",
      say: () => speaker.file(knownWords[0]!),
      expected: [["events", "Invoke"], ["logger", "Invoke"], ["archiver", "StartExecution"], ...counters],
    },
    { name: "`/words 10`", door: "commands", say: () => speaker.words(), expected: [["commands", "Query"]] },
  ];
};

/** Does it twice, so that functions are warm and all words have been said before, and measures the second time. */
const measure = async (
  laptop: LaptopProcess,
  { name, door, prepare, say, expected }: Trial,
  memoryMb: Record<string, number>,
): Promise<Case> => {
  const record = async () => {
    if (prepare !== undefined) await recordCalls(laptop, prepare.say, prepare.expected);
    return recordCalls(laptop, say, expected);
  };
  const [earlier, calls] = [await record(), await record()];
  const costs = addUp(calls, memoryMb).sort((a, b) => Number(b.name === door) - Number(a.name === door) || (a.name < b.name ? -1 : 1));
  return { name, door, costs, hotKeys: findHotKeys(calls, earlier).map(hotKey => ({ ...hotKey, key: hotKey.key.replace(DAY, "DAY") })) };
};

const DAY = /\d{4}-\d\d-\d\d/;

/** The memory of each function, as the program declares it. */
const readMemory = async (laptop: LaptopProcess): Promise<Record<string, number>> => {
  const { resources } = (await laptop.control("inventory")) as {
    resources: { type: string; name: string; inputs: { memorySize?: number } }[];
  };
  const functions = resources.filter(({ type }) => type === "aws:lambda/function:Function");
  return Object.fromEntries(functions.map(({ name, inputs }) => [name, inputs.memorySize ?? 128]));
};

const script = defineScript({
  name: "scale",
  usage: "[--dry-run] [--json]",
  help: `Starts the laptop cloud, says messages of ten words, counts the AWS calls and the units of DynamoDB that they cause, and writes ${PAGE}.

  --dry-run        measures, and writes nothing`,
  options: { "dry-run": { type: "boolean" } },
  run: async ({ options, report }) => {
    const laptop = await LaptopProcess.create();
    try {
      await laptop.start();
      const memoryMb = await readMemory(laptop);
      const cases: Case[] = [];
      for (const trial of createTrials(new Speaker(laptop))) {
        report(`Measuring: ${trial.name}.`);
        cases.push(await measure(laptop, trial, memoryMb));
      }
      const results: Results = { date: new Date().toISOString().slice(0, 10), cases };
      const texts = new Map([
        [RESULTS, format(RESULTS, JSON.stringify(results))],
        [PAGE, buildPage(results)],
      ]);
      const { text } = writeFiles(texts, options["dry-run"]);
      return { text, json: results };
    } finally {
      await laptop.remove();
    }
  },
});

if (require.main === module) void runScript(script);

export { PAGE, RESULTS, script };
