/**
 * Measures how long `npm start` takes, the first time and later; how long it takes until the new code runs after a subscriber or `index.ts` is saved,
 * compared with a restart; and how much memory the laptop uses after the reloads. `npm run bench reload`; it edits a copy of this checkout.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Checkout } from "../test/cloud/checkout";
import { LaptopProcess } from "../test/cloud/laptop-process";
import { median } from "./median";

const rounds = 7;

/** Resolves when the laptop has printed one more line like this. */
const waitFor = async (laptop: LaptopProcess, line: RegExp, from: number) => {
  while (!line.test(laptop.output.slice(from))) await sleep(2);
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
};

const repeat = async (work: (round: number) => Promise<number>): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await work(round));
  return median(times);
};

const readRssMb = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

/** Makes the next start a first one. The copy of the checkout has no bundles yet, but shares the caches of this checkout's packages. */
const emptyCaches = () => {
  for (const cache of ["compiled", "transpiled"])
    rmSync(join(__dirname, "../packages/laptop-cloud/dist", cache), { recursive: true, force: true });
};

const main = async () => {
  const checkout = new Checkout();
  const laptop = await LaptopProcess.create(checkout.directory);
  const restart = async () => {
    await laptop.end();
    await laptop.start();
  };
  try {
    emptyCaches();
    const firstMs = await timed(() => laptop.start());
    const restartMs = await repeat(() => timed(restart));

    let multiplier = "count * message.times";
    const editModule = async (round: number) => {
      const from = laptop.output.length;
      const edited = `count * ${round + 100}`;
      const ms = await timed(async () => {
        checkout.edit("subscribers/multiplier.ts", multiplier, edited);
        await waitFor(laptop, /reloaded multiplier/, from);
      });
      multiplier = edited;
      return ms;
    };
    await editModule(-1);
    const firstMb = readRssMb(laptop.pid);
    const moduleMs = await repeat(editModule);

    let statement = "bundleCallbacks();";
    const editProgram = async () => {
      const from = laptop.output.length;
      const edited = statement.includes("/*") ? "bundleCallbacks();" : "bundleCallbacks(/* edited */);";
      const ms = await timed(async () => {
        checkout.edit("index.ts", statement, edited);
        await waitFor(laptop, /reloaded slack-fanout/, from);
      });
      statement = edited;
      return ms;
    };
    const programMs = await repeat(editProgram);

    console.log(`${"npm start, the first time".padEnd(40)} ${firstMs.toFixed(0).padStart(6)} ms`);
    console.log(`${"npm start, warm".padEnd(40)} ${restartMs.toFixed(0).padStart(6)} ms`);
    for (const [name, ms] of [
      ["an edit of a subscriber", moduleMs],
      ["an edit of index.ts", programMs],
    ] as const)
      console.log(`${name.padEnd(40)} ${ms.toFixed(0).padStart(6)} ms   ${(restartMs / ms).toFixed(1)} times as fast as a restart`);
    console.log(`memory: ${firstMb.toFixed(0)} MB after one reload, ${readRssMb(laptop.pid).toFixed(0)} MB after ${2 * rounds + 1}`);
  } finally {
    await laptop.remove();
    checkout.remove();
  }
};

void main();
