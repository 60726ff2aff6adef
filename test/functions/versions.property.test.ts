import { expect } from "chai";
import fc from "fast-check";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import { CountKeys } from "#core/message/count-keys";
import { parseAnyEnvelope } from "#core/message/event";
import { levelOf } from "#core/message/levels";
import { buildMessage, type Message } from "#core/message/message";
import { countTokens } from "#core/message/tokens";
import { Accept, Counter } from "#functions/accept";
import { Relay } from "#functions/outbox-relay";
import { CountOnce } from "#stores/count-once";
import { CountedVersions } from "#stores/message/counted-versions";
import { Levels } from "#stores/message/levels";
import { MessagesTopic } from "#stores/message/messages-topic";
import { SeenTable } from "#stores/message/seen-table";
import { WordsTable } from "#stores/message/words-table";
import { buildDeletionMessage, buildEditMessage } from "../subscribers/envelopes";
import { createWorld } from "../subscribers/world";
import { FakeCloud, FakeProcess, type Kill } from "./fake-cloud";

const NOW_MS = 1_763_805_600_000;
const RULES = { split: "words" as const, ignoreWords: [] };
const REMEMBERING = { archiveDays: 90, dedupHours: 48 };
/** More than the longest chain of calls. */
const MAX_CALL = 14;

/** What happened to one message: its texts, first the original, and whether it was deleted in the end. */
interface History {
  texts: string[];
  /** Hashtags of the original, which the other door counts. */
  tags: number;
  isDeleted: boolean;
}

const saidAt = (index: number) => `${NOW_MS / 1000 + index}.000100`;

const buildTags = (tags: number) => Array.from({ length: tags }, (_, index) => `#t${index}`).join(" ");

/** The history as the doors accept it. Two edits may have the same second. */
const buildVersions = ({ texts, tags, isDeleted }: History, index: number): Message[] => {
  const ts = saidAt(index);
  return texts
    .flatMap((text, version): Message[] => {
      if (version > 0) {
        const second = NOW_MS / 1000 + 60 + Math.floor(version / 2);
        return [buildEditMessage(text, { ts, editedTs: `${second}.000000`, eventTs: `${second}.00000${version}` })];
      }
      const place = { team: "T0001", channel: "C0001", user: "U0001", private: false };
      const said = { ...place, text: `${text} ${buildTags(tags)}`, ts, files: [], mentionsBot: false };
      const original = buildMessage({ ...said, door: "webhook", tokens: countTokens(said.text, RULES) });
      const tokens = countTokens(said.text, { ...RULES, split: "annotations" });
      return tags === 0 ? [original] : [original, buildMessage({ ...said, door: "events", tokens })];
    })
    .concat(isDeleted ? [buildDeletionMessage({ ts })] : []);
};

/** The counts as if only the last text had been said. */
const expectedCounts = (histories: History[], times: number): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { texts, tags, isDeleted } of histories) {
    const said = [
      ...countTokens(texts.at(-1)!, RULES),
      ...(texts.length > 1 ? [] : countTokens(buildTags(tags), { ...RULES, split: "annotations" })),
    ];
    for (const [token, count] of isDeleted ? [] : said) counts[token] = (counts[token] ?? 0) + count * times;
  }
  return counts;
};

/** A few words, often the same ones, or more than one transaction holds. */
const text = fc.oneof(
  fc.array(fc.constantFrom("tea", "milk", "sugar", "lemon"), { minLength: 1, maxLength: 5 }).map(words => words.join(" ")),
  fc.integer({ min: 90, max: 230 }).map(count => Array.from({ length: count }, (_, index) => `w${index}`).join(" ")),
);
const history = fc.record({
  texts: fc.array(text, { minLength: 1, maxLength: 4 }),
  tags: fc.constantFrom(0, 0, 2, 120),
  isDeleted: fc.boolean(),
});
const kill: fc.Arbitrary<Kill | undefined> = fc.option(
  fc.record({ call: fc.integer({ min: 1, max: MAX_CALL }), when: fc.constantFrom("before" as const, "after" as const) }),
  { nil: undefined },
);

/** In which order the versions are delivered, how often, and where each delivery is killed. */
interface Plan {
  histories: History[];
  order: number[];
  kills: (Kill | undefined)[];
}
const plan: fc.Arbitrary<Plan> = fc.record({
  histories: fc.array(history, { minLength: 1, maxLength: 3 }),
  order: fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
  kills: fc.array(kill, { minLength: 40, maxLength: 40 }),
});

/** Shuffles, and delivers half of the versions twice. */
const schedule = <T>(versions: T[], order: number[]): T[] =>
  [...versions, ...versions.filter((_, index) => (order[index] ?? 0) % 2 === 0)]
    .map((version, index) => ({ version, at: order[index % order.length]! / (index + 1) }))
    .sort((a, b) => a.at - b.at)
    .map(({ version }) => version);

const EVER_HOT = ["tea", "w7", "w120", "milk"];

describe("versions of a message", function () {
  this.timeout(600_000);

  let nowMs: number;
  let processes: number;
  beforeEach(() => {
    nowMs = NOW_MS;
    processes = 0;
    sinon.stub(console, "log");
    sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  /** Settings change all the time: words become hot, or cool, between the tries of one message. */
  const buildKeys = () => {
    processes += 1;
    return new CountKeys({ hotWords: [[], EVER_HOT.slice(0, 3), EVER_HOT.slice(2)][processes % 3]! });
  };

  /** Adds up the counters of hot words. */
  const countsOf = (cloud: FakeCloud) => {
    const counts: Record<string, number> = {};
    for (const [key, count] of Object.entries(cloud.counts("words"))) {
      const [token] = key.split("~") as [string];
      counts[token] = (counts[token] ?? 0) + count;
    }
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
  };

  /** The words whose level does not allow their count: no list would find them. */
  const tooLow = (cloud: FakeCloud) =>
    cloud
      .items("words")
      .filter(({ count, level }) => Number(level?.N ?? -1) < levelOf(Number(count?.N)))
      .map(({ word }) => word?.S?.split("~")[0])
      .filter(word => !EVER_HOT.includes(word!));

  const startDoor = (cloud: FakeCloud, kill?: Kill) => {
    const { client } = new FakeProcess(cloud, kill);
    const words = new WordsTable(client, "words", buildKeys());
    const seen = new SeenTable(client, "seen");
    const counted = new CountedVersions({ once: new CountOnce(client), seen, effect: new Counter(words), ...REMEMBERING });
    const topic = new MessagesTopic(client, "arn:aws:sns:eu-central-1:123456789012:messages");
    const log = createLog("test", {});
    const sleep = async (ms: number) => {
      nowMs += ms;
    };
    const accept = new Accept({
      counted,
      words,
      seen,
      topic,
      levels: new Levels(client),
      settings: REMEMBERING,
      log,
      nowMs: () => nowMs,
      sleep,
    });
    return { accept, relay: new Relay(accept, seen, log, () => nowMs) };
  };

  it("count as if only the last text had been said, in any order, doubled, and killed at any call", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ histories, order, kills }) => {
        const cloud = new FakeCloud();
        const deliveries = schedule(histories.flatMap(buildVersions), order);
        // Killed deliveries are retried by Slack or finished by the relay, at the same time as the others.
        await Promise.all(
          deliveries.map(async (message, index) => {
            const deliver = (at?: Kill) => startDoor(cloud, at).accept.accept(message, new Deadline(60_000));
            await deliver(kills[index]).catch(() => undefined);
            if (index % 2 === 0) await deliver();
          }),
        );
        for (const message of deliveries) await startDoor(cloud).accept.accept(message, new Deadline(60_000));
        nowMs += 20_000;
        await startDoor(cloud).relay.handle();
        expect(countsOf(cloud)).to.deep.equal(expectedCounts(histories, 1));
        expect(cloud.items("seen").filter(item => item["pending"])).to.deep.equal([]);

        // Subscribers get what was published: shuffled, doubled, killed and redriven.
        const world = createWorld(cloud, buildKeys);
        const published = schedule(cloud.published, order).map(parseAnyEnvelope);
        await Promise.all(
          published.map((envelope, index) =>
            world
              .multiplier(kills[index])
              .handle(envelope)
              .catch(() => undefined),
          ),
        );
        for (const envelope of published.reverse()) await world.multiplier().handle(envelope);
        expect(countsOf(cloud)).to.deep.equal(expectedCounts(histories, 11));
        expect(tooLow(cloud)).to.deep.equal([]);
      }),
      { numRuns: Number(process.env["FC_RUNS"] ?? 25) },
    );
  });
});
