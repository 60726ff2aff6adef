import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Kill, WeatherReport } from "@slack-fanout/laptop-cloud/kernel/weather";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type Check, Scenes } from "./kill-scenes";
import { listKills } from "./kills";
import { LaptopProcess, relaySeconds } from "./laptop-process";

/**
 * Kills each function before its first AWS call and after each one that changes something, then checks that everything has happened once: every
 * count exact, one object, one execution, one post. Each round kills every function of its scene once, at another call.
 *
 * The calls come from undisturbed runs, so functions and calls that are added later are killed too. A function is killed once at each kind of
 * call, whichever the scene. The test of `accept` kills the doors' code at each call of all kinds of messages, with and without Slack's retry.
 */

interface Call {
  id: string;
  function: string | null;
  invocation: string;
  operation: string;
}

const FEATURES = ["features=documents,payroll,onboarding", "deletedMessages=remove"];
const SETTINGS = ["triggersFrom=events", "ignoreWords=awsadvent", "agent=off", ...FEATURES];

/** How many kills of a scene may miss. Of two functions that run at the same time, the slower one makes a call more. */
const MAX_MISSES = 8;

interface KillScene {
  title: string;
  act: "answer" | "edit" | "relay" | "payroll" | "picture" | "person";
  /** The functions to kill. Default: all but the relay, which looks for messages every minute. */
  only?: string[];
}

const SCENES: KillScene[] = [
  { title: "a message is counted and multiplied once, and its counts are posted once", act: "answer" },
  { title: "an edit's counts are exact", act: "edit" },
  { title: "the relay finishes a message once", act: "relay", only: ["relay"] },
  { title: "payroll has every result, and is reported once", act: "payroll" },
  { title: "a deleted picture leaves nothing, and is reported once", act: "picture" },
  { title: "a new person has each account, and is greeted once", act: "person" },
];

describe("kill points", function () {
  this.timeout(600_000);

  let laptop: LaptopProcess;
  let sqs: SQSClient;
  let scenes: Scenes;
  let told = 0;
  const kills = new Map<KillScene, Kill[]>();
  const rows: string[] = [];

  before(async () => {
    laptop = await (await LaptopProcess.create()).start(...SETTINGS.flatMap(setting => ["--config", setting]));
    scenes = new Scenes(laptop);
    sqs = new SQSClient(laptop.client);
  });

  after(async () => {
    console.log(["", "    kill points:", ...rows.map(row => `      ${row}`), ""].join("\n"));
    scenes.stop();
    sqs.destroy();
    await laptop.remove();
  });

  const begin = ({ act }: KillScene, toKill: Kill[] = []): Promise<Check> => {
    told += 1;
    return scenes[act](`k${told}`, (...own) =>
      laptop.control("weather", own.length + toKill.length === 0 ? {} : { kill: [...own, ...toKill] }),
    );
  };

  const readKills = async (): Promise<Kill[]> => [((await laptop.control("weather")) as WeatherReport).kill ?? []].flat();

  const holds = (check: Check) => () => check().then(() => true);

  /** Whether nothing waits to be posted, not even what SQS delivers again after an attempt that died. */
  const isNotifierIdle = async () => {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: laptop.endpoints.outputs["redrivables"].notifier.queueUrl,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"],
      }),
    );
    return Object.values(Attributes).every(count => count === "0");
  };

  const readCalls = async () => (await laptop.control("calls")) as Call[];

  /** The operations of the invocation of each function that made the most calls in an undisturbed run. */
  const readOperations = async (scene: KillScene): Promise<Map<string, string[]>> => {
    for (;;) {
      const before = new Set((await readCalls()).map(({ id }) => id));
      const check = await begin(scene);
      if (scene.only !== undefined) await laptop.advance(relaySeconds);
      // On a busy machine, a function may leave its work to a retry, which makes other calls.
      if (await eventually(holds(check), 20_000).catch(() => false)) {
        await laptop.rest();
        return listLongest((await readCalls()).filter(({ id }) => !before.has(id)));
      }
      await laptop.settles(holds(check));
    }
  };

  // All before the first kill, whose alarms would be posted too.
  it("everything happens once if nobody is killed", async () => {
    const known = new Set<string>();
    for (const scene of SCENES) {
      const planned: Kill[] = [];
      for (const [name, operations] of await readOperations(scene)) {
        if (!(scene.only?.includes(name) ?? name !== "relay")) continue;
        const own = listKills(name, operations, known, name === "notifier");
        planned.push(...own);
        rows.push(`${scene.act}: ${name}, ${operations.join(", ")}: ${own.length} kills`);
      }
      kills.set(scene, planned);
    }
    const functions = new Set([...kills.values()].flat().map(kill => kill.function));
    expect([...functions]).to.include.members(["events", "relay", "multiplier", "leaderboard", "notifier", "payroll-rollup"]);
    expect([...functions]).to.include.members(["archiver", "archive-remover", "documents-metadata", "onboarding-greet"]);
  });

  /** Kills each function once, at its first call in `left`. Returns the kills that have struck. */
  const runRound = async (scene: KillScene, left: Kill[]) => {
    const toKill = left.filter((kill, index) => left.findIndex(each => each.function === kill.function) === index);
    const check = await begin(scene, toKill);
    await laptop.settles(holds(check), 300);
    await eventually(async () => (await readKills()).length === 0, 2000).catch(() => undefined);
    const missed = new Set((await readKills()).map(kill => kill.function));
    await laptop.control("weather", {});
    return { check, struck: toKill.filter(kill => !missed.has(kill.function)), misses: missed.size };
  };

  for (const scene of SCENES)
    it(`${scene.title}, whichever call a function is killed at`, async () => {
      let left = kills.get(scene)!;
      let missed = 0;
      const checks: Check[] = [];
      while (left.length > 0) {
        const { check, struck, misses } = await runRound(scene, left);
        checks.push(check);
        left = left.filter(kill => !struck.includes(kill));
        missed += misses;
        expect(missed, `misses of ${JSON.stringify(left)}`).to.be.at.most(MAX_MISSES);
      }
      // All retries have run by now. Nothing may be counted or posted twice.
      await laptop.advance(600);
      await laptop.settles(isNotifierIdle, 300);
      for (const check of checks) await eventually(holds(check));
    });
});

/** By function: the operations of the invocation that made the most calls. The test's own calls have no function. */
const listLongest = (calls: Call[]): Map<string, string[]> => {
  const byInvocation = new Map<string, Call[]>();
  for (const call of calls) byInvocation.set(call.invocation, [...(byInvocation.get(call.invocation) ?? []), call]);
  const longest = new Map<string, string[]>();
  for (const invocation of byInvocation.values()) {
    const name = invocation[0]!.function;
    const isLonger = name !== null && invocation.length > (longest.get(name)?.length ?? 0);
    if (isLonger)
      longest.set(
        name,
        invocation.map(({ operation }) => operation),
      );
  }
  return longest;
};
