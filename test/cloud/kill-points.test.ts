import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Kill } from "@slack-fanout/laptop-cloud/kernel/weather";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { EVER } from "#core/message/count-keys";
import { listKills } from "./kills";
import { LaptopProcess, relaySeconds, untilTaken } from "./laptop-process";
import { Tables } from "./tables";

/**
 * Kills a function before its first AWS call and after each one that changes something, then checks the results: every count exact, every
 * subscriber's effect once, nothing pending.
 *
 * The calls come from an undisturbed run, so a call that is added later is killed too.
 *
 * Where the events door takes trigger words, the notifier posts an answer. It must be posted once, with the first counts.
 *
 * Each function is killed with one short and one long message. The test of `accept` kills the doors' code at each call of other messages.
 */

interface Call {
  id: string;
  function: string | null;
  operation: string;
  invocation: string;
}

/** What was said, on which day, and whether any delivery was answered with 200. */
interface Said {
  scene: Scene;
  words: string[];
  /** What an edit replaces. */
  replaced: string[];
  day: string;
  acked?: boolean;
}

/** A message for a door: how it is delivered, and the tokens that must be counted. */
interface Scene {
  name: string;
  /** The functions to kill. Default: all. The subscribers get the same envelope from every door. */
  kills?: string[];
  /** Whether the app posts the counts. */
  isAnswered?: boolean;
  /** Says what the message replaces, undisturbed, and returns its tokens. */
  prepare?(label: string, timestamp: string): Promise<string[]>;
  deliver(words: string[], timestamp: string): Promise<number>;
  tokens(label: string): string[];
}

/** Two transactions of the door and of the multiplier. */
const editedWords = 110;

/** The board of the person who says everything. The leaderboard adds to it last. */
const ownBoards = "@U0001.000000#";

/** The final count of each token: one, plus ten from the multiplier. */
const exactly = [11];

/** The count that is also allowed if nothing was acknowledged and Slack never retried. */
const never = [0];

const describeKills = (triggersFrom: "webhook" | "events") => {
  let laptop: LaptopProcess;
  let tables: Tables;
  let sqs: SQSClient;
  let told = 0;
  const rows: string[] = [];

  before(async () => {
    const settings = [`triggersFrom=${triggersFrom}`, "ignoreWords=awsadvent", "agent=off"].flatMap(setting => ["--config", setting]);
    laptop = await (await LaptopProcess.create()).start(...settings);
    tables = new Tables(laptop);
    sqs = new SQSClient(laptop.client);
  });

  afterEach(() => laptop.control("weather", {}));

  after(async () => {
    console.log(["", "    kill points, those of doors with and without Slack's retry:", ...rows.map(row => `      ${row}`), ""].join("\n"));
    await laptop.remove();
  });

  const numbered = (label: string, count: number) => Array.from({ length: count }, (_, index) => `${label}w${index}`);

  const answered: Scene = {
    name: "events, an answer",
    kills: ["events", "notifier"],
    isAnswered: true,
    tokens: label => numbered(label, 3),
    deliver: async (words, timestamp) =>
      (await laptop.event({ text: ["awsadvent", ...words].join(" "), ts: timestamp }, `Ev${timestamp}`)).status,
  };
  const unanswered: Scene[] = [
    {
      name: "webhook",
      tokens: label => numbered(label, 3),
      deliver: async (words, timestamp) => (await laptop.webhook({ text: words.join(" "), timestamp })).status,
    },
    {
      name: `events, an edit to ${editedWords} hashtags`,
      tokens: label => numbered(`#${label}`, editedWords),
      prepare: async (label, timestamp) => {
        const words = numbered(`#${label}old`, 3);
        await untilTaken(() => laptop.event({ text: words.join(" "), ts: timestamp }, `EvOld${timestamp}`));
        return words;
      },
      deliver: async (words, timestamp) => {
        const [edited, eventTs] = [`${Number(timestamp.split(".")[0]) + 1}.000000`, `${Number(timestamp.split(".")[0]) + 1}.000900`];
        const message = { type: "message", user: "U0001", text: words.join(" "), ts: timestamp, edited: { user: "U0001", ts: edited } };
        const event = { subtype: "message_changed", user: undefined, message, ts: eventTs, event_ts: eventTs };
        return (await laptop.event(event, `EvEdit${timestamp}`)).status;
      },
    },
  ];

  const scenes = triggersFrom === "webhook" ? unanswered : [answered];

  /** Says something new, at the cloud's time, so that it is on today's board. */
  const say = async (scene: Scene) => {
    told += 1;
    const label = `k${told}`;
    const words = scene.tokens(label);
    const timestamp = `${Math.floor((await laptop.nowMs()) / 1000)}.${String(told).padStart(6, "0")}`;
    const day = new Date(Number(timestamp) * 1000).toISOString().slice(0, 10);
    const replaced = (await scene.prepare?.(label, timestamp)) ?? [];
    if (replaced.length > 0) await settle({ scene, words: replaced, replaced: [], day });
    return { scene, words, replaced, timestamp, day, deliver: () => scene.deliver(words, timestamp) };
  };

  const balance = async ({ scene, words, replaced, day, acked = true }: Said) => {
    const counts = await tables.distinctCounts(words);
    const happened = acked || counts[0] !== never[0];
    expect(counts).to.deep.equal(happened ? exactly : never);
    expect(await tables.distinctLevels(words)).to.deep.equal([happened ? 1 : 0]);
    expect(await tables.boardCounts(words, day)).to.deep.equal([happened ? 1 : 0]);
    expect(await tables.boardCounts(words, EVER, ownBoards)).to.deep.equal(happened ? exactly : never);
    if (replaced.length > 0) {
      expect(await tables.distinctCounts(replaced)).to.deep.equal(happened ? never : exactly);
      expect(await tables.boardCounts(replaced, day)).to.deep.equal([happened ? 0 : 1]);
      expect(await tables.boardCounts(replaced, EVER, ownBoards)).to.deep.equal(happened ? never : exactly);
    }
    if (scene.isAnswered) expect(await answersTo(words)).to.deep.equal(happened ? [words.map(word => `\`${word}\` = 1`).join("\n")] : []);
    expect(await tables.pending()).to.deep.equal([]);
    return true;
  };

  /** What the app posted about some words. */
  const answersTo = async ([word]: string[]) => {
    const response = await fetch(`${laptop.endpoints.slack}/messages?channel=C0001&limit=500`);
    const { messages } = (await response.json()) as { messages: { text: string }[] };
    return messages.map(({ text }) => text).filter(text => text.includes(`\`${word}\``));
  };

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

  /** Slack's retries. A busy machine may need more than one of them, since the doors keep to their 2.5 s. */
  const deliverUntilAcked = (deliver: () => Promise<number>) => eventually(async () => (await deliver()) === 200);

  /** The AWS calls of each function for one undisturbed message, in order. */
  const callsOf = async (scene: Scene): Promise<Map<string, Call[]>> => {
    for (;;) {
      const message = await say(scene);
      const before = new Set(((await laptop.control("calls")) as Call[]).map(({ id }) => id));
      const acked = (await message.deliver()) === 200;
      // On a busy machine, a door may leave a message to Slack's retry or to the relay, and then makes other calls.
      const isUndisturbed = acked && (await eventually(() => balance(message), 10_000).catch(() => false));
      if (isUndisturbed) {
        await laptop.rest();
        const calls = ((await laptop.control("calls")) as Call[]).filter(({ id }) => !before.has(id));
        const byFunction = new Map<string, Call[]>();
        for (const call of calls) {
          const { function: name } = call;
          // The relay polls for pending messages, whatever is said. The test's own reads don't count.
          if (name !== null && name !== "relay") byFunction.set(name, [...(byFunction.get(name) ?? []), call]);
        }
        return byFunction;
      }
      await settle({ ...message, acked });
    }
  };

  /** Says messages until one of them is killed: a busy machine may refuse a message before it gets that far. */
  const sayAndKill = async (scene: Scene, kill: Kill, retries: boolean): Promise<Said> => {
    for (;;) {
      const { deliver, ...said } = await say(scene);
      await laptop.control("weather", { kill });
      const first = await deliver();
      const acked = first === 200 || (retries && (await deliverUntilAcked(deliver)));
      const met = await eventually(isKillMet, acked ? 10_000 : 500).catch(() => false);
      if (met) return { ...said, acked };
      await settle({ ...said, acked });
    }
  };

  const isKillMet = async () => ((await laptop.control("weather")) as { kill: unknown }).kill === null;

  /** Polls quickly, because most messages need only a moment. */
  const settle = (message: Said) => laptop.settles(() => balance(message), 300);

  for (const scene of scenes) {
    it(`${scene.name}: every count exact, every effect once`, async () => {
      const byFunction = await callsOf(scene);
      const door = doorOf(scene);
      expect([...byFunction.keys()]).to.include.members([door, "leaderboard", "multiplier", ...(scene.kills ?? [])]);

      const killed: Said[] = [];
      for (const [name, calls] of byFunction) {
        const isDoor = name === door;
        if (scene.kills?.includes(name) === false) continue;
        // Slack may or may not retry what a door did not acknowledge. It knows nothing about subscribers.
        const endings = isDoor ? [true, false] : [true];
        const kills = killsOf(name, calls).flatMap(kill => endings.map(retries => ({ kill, retries })));
        for (const { kill, retries } of kills) {
          const message = await sayAndKill(scene, { function: name, ...kill }, retries);
          await settle(message);
          killed.push(message);
        }
        rows.push(
          `${scene.name.padEnd(32)} ${name.padEnd(12)} ${calls.length} calls (${describeCalls(calls)}): ${kills.length} kills, counts match`,
        );
      }

      // All retries have run by now. Nothing may be counted or posted twice.
      await laptop.advance(600);
      await laptop.settles(isNotifierIdle, 300);
      for (const message of killed) await eventually(() => balance(message));
    });
  }

  // The relay finishes a message with the same function as its door, so one kind of message is enough: the one with most to do.
  if (triggersFrom === "webhook") return;

  it("the next run of the relay finishes, whichever call the relay was killed at", async () => {
    for (let calls = 0; ; calls += 1) {
      // Counted but never answered, so the relay has to finish it.
      const said = await sayAndKill(answered, { function: doorOf(answered), call: 1, when: "after" }, false);
      const message = { ...said, acked: true };
      const kill = calls === 0 ? ({ call: 1, when: "before" } as const) : ({ call: calls, when: "after" } as const);
      await laptop.control("weather", { kill: { function: "relay", ...kill } });
      await laptop.advance(relaySeconds);
      await settle(message);
      const isReached = await isKillMet();
      await laptop.control("weather", {});
      if (!isReached) {
        rows.push(`${"relay".padEnd(24)} ${"relay".padEnd(12)} ${calls - 1} calls: ${calls} kills, counts match`);
        expect(calls).to.be.greaterThan(4);
        return;
      }
    }
  });
};

for (const triggersFrom of ["webhook", "events"] as const)
  describe(`kill points, with triggers from ${triggersFrom}`, function () {
    this.timeout(600_000);
    describeKills(triggersFrom);
  });

const doorOf = ({ name }: Scene): string => name.split(",")[0]!;

/** The notifier also dies before calls, because it calls Slack in between. */
const killsOf = (name: string, calls: Call[]): Pick<Kill, "call" | "when">[] => {
  const kills = listKills(calls.map(({ operation }) => operation));
  const before = calls.slice(1).map((_, index) => ({ call: index + 2, when: "before" as const }));
  return name === "notifier" ? [...kills, ...before] : kills;
};

const describeCalls = (calls: Call[]) => {
  const counts = new Map<string, number>();
  for (const { operation } of calls) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  return [...counts].map(([operation, count]) => (count === 1 ? operation : `${operation} x${count}`)).join(", ");
};
