import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { createLog } from "#core/log";
import { buildMessage, type Door, type Message } from "#core/message/message";
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
import { FakeCloud, FakeProcess, type Kill } from "./fake-cloud";

const NOW_MS = 1_763_805_600_000;
const DEDUP_HOURS = 48;
const ARCHIVE_DAYS = 90;

const place = { team: "T0001", channel: "C0001", user: "U0001", ts: "1763805600.000200", files: [], private: false, mentionsBot: false };

const say = (text: string, door: Door = "webhook", ts = place.ts, isPrivate = false): Message =>
  buildMessage({
    ...place,
    door,
    text,
    ts,
    private: isPrivate,
    tokens: countTokens(text, { split: door === "webhook" ? "words" : "annotations", ignoreWords: [] }),
  });

/** Says words that the events door counts and answers. */
const ask = (text: string): Message => {
  const tokens = countTokens(text, { split: "words", ignoreWords: [] });
  return buildMessage({ ...place, door: "events", text, tokens, split: "words", expectsAnswer: true });
};

const words = (count: number, prefix = ""): string => Array.from({ length: count }, (_, index) => `${prefix}w${index}`).join(" ");
const ones = (text: string): Record<string, number> => Object.fromEntries(text.split(" ").map(word => [word, 1]));
const soon = () => new Deadline(2500);

describe("accept", () => {
  let cloud: FakeCloud;
  let nowMs: number;
  beforeEach(() => {
    cloud = new FakeCloud();
    nowMs = NOW_MS;
    sinon.stub(console, "log");
    sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  const start = (kill?: Kill, publishes = true) => {
    const process = new FakeProcess(cloud, kill);
    const log = createLog("test", {});
    const seen = new SeenTable(process.client, "seen");
    const words = new WordsTable(process.client, "words");
    const remembering = { archiveDays: ARCHIVE_DAYS, dedupHours: DEDUP_HOURS, nowMs: () => nowMs };
    const accept = new Accept({
      counted: new CountedVersions({ once: new CountOnce(process.client), seen, effect: new Counter(words), ...remembering }),
      words,
      seen,
      levels: new Levels(process.client),
      topic: publishes ? new MessagesTopic(process.client, "arn:aws:sns:eu-central-1:123456789012:messages") : undefined,
      settings: remembering,
      log,
      nowMs: () => nowMs,
      sleep: async ms => {
        nowMs += ms;
      },
    });
    return { process, accept, seen, relay: new Relay(accept, seen, log, () => nowMs) };
  };
  const marker = (id: string) => cloud.items("seen").find(item => item["event_id"]?.S === id);

  it("answers 1, 1, 1 for three new words", async () => {
    const answer = await start().accept.accept(say("awsadvent some words"), soon());
    expect(answer).to.equal("`awsadvent` = 1\n`some` = 1\n`words` = 1");
  });

  it("keeps the order of numbers among words", async () => {
    expect(await start().accept.accept(say("b 7 a 3"), soon())).to.equal("`b` = 1\n`7` = 1\n`a` = 1\n`3` = 1");
  });

  it("publishes the envelope once and settles", async () => {
    const message = say("a");
    await start().accept.accept(message, soon());
    expect(cloud.published).to.deep.equal([message.envelope]);
    expect(marker(message.id)).to.deep.include({ answer: { S: "`a` = 1" }, expires_at: { N: String(NOW_MS / 1000 + DEDUP_HOURS * 3600) } });
    expect(marker(message.id)).not.to.have.property("pending");
  });

  it("settles a message that is not to be published", async () => {
    const { accept, process } = start(undefined, false);
    const message = say("a");
    expect(await accept.accept(message, soon())).to.equal("`a` = 1");
    expect(process.depth).to.equal(5);
    expect(cloud.items("words").map(({ level }) => level)).to.deep.equal([{ N: "0" }]);
    expect(marker(message.id)).to.include.keys("answer", "expires_at").and.not.have.property("pending");
    expect(cloud.published).to.deep.equal([]);
  });

  it("raises the levels of an edit's words also if the relay does, whose marker has no tokens", async () => {
    const held = { ...buildEditMessage("b c"), acceptedAtMs: NOW_MS, pending: true };
    await start(undefined, false).accept.count(held, soon());
    nowMs += 11_000;
    await start(undefined, false).relay.handle();
    expect(cloud.items("words").map(({ level }) => level)).to.deep.equal([{ N: "0" }, { N: "0" }]);
  });

  describe("round trips", () => {
    const rows: [title: string, message: () => Message, depth: number][] = [
      ["events", () => say("#a #b", "events"), 3],
      ["events without annotations", () => say("hi", "events"), 3],
      ["events with an answer", () => ask("a b"), 5],
      ["events with an answer that is known", () => ({ ...ask(""), answer: "Nothing has been counted yet." }), 3],
      ["an edit", () => buildEditMessage(words(97)), 4],
      ["a deletion", () => buildDeletionMessage(), 4],
      ["webhook", () => say(words(98)), 4],
      ["webhook with several transactions", () => say(words(350)), 5],
    ];
    for (const [title, message, depth] of rows) {
      it(`${title}: ${depth} deep`, async () => {
        const { process, accept } = start();
        const said = message();
        await accept.accept(said, soon(), said.door === "events" ? { team: "T0001", eventId: "Ev1" } : undefined);
        expect(process.depth).to.equal(depth);
      });
    }

    it("settled duplicate: 1", async () => {
      await start().accept.accept(say("a"), soon());
      const { process, accept } = start();
      await accept.accept(say("a"), soon());
      expect(process.calls).to.deep.equal(["TransactWriteItemsCommand"]);
    });

    it("always needs the same transactions for 98 and for 99 words", async () => {
      const calls = async (text: string, ts: string) => {
        const { process, accept } = start();
        await accept.accept(say(text, "webhook", ts), soon());
        return process.calls.filter(call => call === "TransactWriteItemsCommand").length;
      };
      expect([
        await calls(words(98), "1.1"),
        await calls(words(99), "2.1"),
        await calls(words(197), "3.1"),
        await calls(words(198), "4.1"),
      ]).to.deep.equal([1, 2, 2, 3]);
    });
  });

  it("counts private text under its conversation, even if the relay or a retry finishes it, and answers with that count", async () => {
    await start().accept.accept(say(words(150)), soon());
    const whispered = say(words(150), "webhook", "1763805601.000100", true);
    await rejectionOf(start({ call: 2, when: "before" }).accept.accept(whispered, soon()));
    nowMs += 60_000;
    expect(await start().accept.accept(whispered, soon())).to.match(/^`w0` = 1\n/);

    const own = words(150)
      .split(" ")
      .map(word => `C0001#${word}`);
    expect(cloud.counts("words")).to.deep.equal({ ...ones(words(150)), ...ones(own.join(" ")) });
  });

  describe("an answer to an event", () => {
    it("is kept before the message is published, which says that there is one", async () => {
      await start({ call: 4, when: "before" }).accept.accept(ask("a"), soon());
      expect(cloud.published).to.deep.equal([]);
      expect(marker(ask("a").id))
        .to.deep.include({ answer: { S: "`a` = 1" } })
        .and.have.property("pending");
      nowMs += 11_000;
      await start().relay.handle();
      expect(cloud.attributes).to.have.length(1);
      expect(cloud.attributes[0]).to.include({ answered: "true", door: "events" });
    });

    it("is kept for as long as it may wait as a dead letter", async () => {
      await start().accept.accept(ask("a"), soon());
      expect(marker(ask("a").id)).to.deep.include({ expires_at: { N: String(NOW_MS / 1000 + ARCHIVE_DAYS * 86_400) } });
    });

    it("that is known is published with a message that counts nothing", async () => {
      const message = { ...say("awsadvent top", "events"), answer: "Nothing has been counted yet." };
      for (let times = 0; times < 2; times += 1) await start().accept.accept(message, soon());
      expect(cloud.counts("words")).to.deep.equal({});
      expect(cloud.attributes.map(({ answered }) => answered)).to.deep.equal(["true"]);
      expect(marker(message.id)).to.deep.include({ answer: { S: "Nothing has been counted yet." } });
    });

    for (const [title, message] of [
      ["a message in which nothing counts", () => ({ ...say("the", "events"), expectsAnswer: true })],
      ["hashtags", () => say("#a", "events")],
      ["what the webhook answers", () => say("a")],
    ] as [string, () => Message][]) {
      it(`does not follow ${title}`, async () => {
        await start().accept.accept(message(), soon());
        expect(cloud.attributes).to.have.length(1);
        expect(cloud.attributes[0]).not.to.have.property("answered");
      });
    }
  });

  describe("repetition", () => {
    it("gets the first answer again", async () => {
      const first = await start().accept.accept(say("a"), soon());
      await start().accept.accept(say("a", "webhook", "1763805601.000100"), soon());
      for (let times = 0; times < 3; times += 1) expect(await start().accept.accept(say("a"), soon())).to.equal(first);
      expect(cloud.counts("words")).to.deep.equal({ a: 2 });
      expect(cloud.published).to.have.length(2);
    });

    it("counts a message once under eleven event ids", async () => {
      for (let event = 0; event < 11; event += 1) {
        await start().accept.accept(say("#a", "events"), soon(), { team: "T0001", eventId: `Ev${event}` });
      }
      expect(cloud.counts("words")).to.deep.equal({ "#a": 1 });
      expect(cloud.published).to.have.length(1);
    });

    it("counts one event id once, even with another text", async () => {
      const event = { team: "T0001", eventId: "Ev1" };
      await start().accept.accept(say("#a", "events"), soon(), event);
      await start().accept.accept(say("#b", "events", "1763805601.000100"), soon(), event);
      expect(cloud.counts("words")).to.deep.equal({ "#a": 1 });
      expect(cloud.published).to.have.length(1);
    });

    it("counts an event id once even after its message's marker has expired", async () => {
      const event = { team: "T0001", eventId: "Ev1" };
      const message = say("#a", "events");
      await start().accept.accept(message, soon(), event);
      cloud.tables.get("seen")?.delete(message.id);
      await start().accept.accept(say("#b", "events", "1763805601.000100"), soon(), event);
      expect(cloud.counts("words")).to.deep.equal({ "#a": 1 });
    });

    it("waits for a young first delivery, and returns its answer", async () => {
      const message = say("a");
      const first = start();
      const held = { ...message, acceptedAtMs: NOW_MS, pending: true };
      await first.accept.count(held, soon());
      const { accept, seen, process } = start();
      const get = sinon.stub(seen, "get").callThrough();
      get.onSecondCall().callsFake(async (id, deadline) => {
        await first.accept.finish(held, deadline);
        return get.wrappedMethod.call(seen, id, deadline);
      });
      expect(await accept.accept(message, soon())).to.equal("`a` = 1");
      expect(process.calls).not.to.include("PublishCommand");
      expect(nowMs - NOW_MS).to.equal(300);
      expect(cloud.published).to.have.length(1);
    });

    it("finishes a message that stays pending", async () => {
      const message = say("a");
      await start().accept.count({ ...message, acceptedAtMs: NOW_MS, pending: true }, soon());
      expect(await start().accept.accept(message, soon())).to.equal("`a` = 1");
      expect(nowMs - NOW_MS, "eight waits").to.equal(1200);
      expect(cloud.published).to.have.length(1);
    });

    it("finishes an older one without waiting", async () => {
      const message = say("a");
      await start().accept.count({ ...message, acceptedAtMs: NOW_MS - 2000, pending: true }, soon());
      await start().accept.accept(message, soon());
      expect(nowMs).to.equal(NOW_MS);
      expect(cloud.published).to.have.length(1);
    });

    it("does not wait if too little time is left", async () => {
      const message = say("a");
      await start().accept.count({ ...message, acceptedAtMs: NOW_MS, pending: true }, soon());
      await start().accept.accept(message, new Deadline(900));
      expect(nowMs).to.equal(NOW_MS);
    });
  });

  describe("edits and deletions", () => {
    const accept = (...messages: Message[]) =>
      messages.reduce<Promise<unknown>>((before, message) => before.then(() => start().accept.accept(message, soon())), Promise.resolve());

    it("count as if only the last text had been said", async () => {
      await accept(say("a b b"), buildEditMessage("b c"));
      expect(cloud.counts("words")).to.deep.equal({ b: 1, c: 1 });
      await accept(buildDeletionMessage());
      expect(cloud.counts("words")).to.deep.equal({});
    });

    it("are published once each, under several event ids", async () => {
      const edit = buildEditMessage("b");
      for (let event = 0; event < 4; event += 1) {
        await start().accept.accept(edit, soon(), { team: "T0001", eventId: `Ev${event % 2}` });
      }
      expect(cloud.published).to.deep.equal([edit.envelope]);
      expect(cloud.counts("words")).to.deep.equal({ b: 1 });
    });

    it("count an older edit no more, nor the original that comes last", async () => {
      const [older, newer] = [buildEditMessage("b", { editedTs: "1763805650.000000" }), buildEditMessage("c")];
      await accept(newer, older, say("a"));
      expect(cloud.counts("words")).to.deep.equal({ c: 1 });
      expect(cloud.published).to.have.length(3);
    });

    it("count the later of two edits in one second", async () => {
      const edits = ["b", "c"].map((text, index) => buildEditMessage(text, { eventTs: `1763805660.00010${index}` }));
      await accept(say("a"), edits[1]!, edits[0]!);
      expect(cloud.counts("words")).to.deep.equal({ c: 1 });
    });

    it("take nothing back that was not added", async () => {
      await accept(buildDeletionMessage(), say("a"), buildEditMessage("b"));
      expect(cloud.counts("words")).to.deep.equal({});
    });

    it("leave a message alone that was forgotten", async () => {
      const ts = `${NOW_MS / 1000 - DEDUP_HOURS * 3600 - 61}.000100`;
      await accept(buildEditMessage("b", { ts, editedTs: `${NOW_MS / 1000}.000000` }));
      expect(cloud.counts("words")).to.deep.equal({});
      expect(cloud.published).to.have.length(1);
    });

    it("count in the conversation in which the message was counted", async () => {
      await accept(say("a", "webhook", undefined, true), buildEditMessage("b"));
      expect(cloud.counts("words")).to.deep.equal({ "C0001#b": 1 });
    });

    it("replace long texts, even those that no row holds twice", async () => {
      const letters = (from: number) => Array.from({ length: 9000 }, (_, index) => String.fromCodePoint(from + index)).join(" ");
      const deadline = new Deadline(60_000);
      await start().accept.accept(say(letters(0x4e00)), deadline);
      await start().accept.accept(buildEditMessage(letters(0x20000)), deadline);
      expect(Object.keys(cloud.counts("words"))).to.have.length(9000);
      expect(cloud.counts("words")).to.have.property(String.fromCodePoint(0x20000), 1);
      const longest = Math.max(...cloud.items("seen").map(item => (item["counts"]?.S?.length ?? 0) + (item["before"]?.S?.length ?? 0)));
      expect(longest).to.be.within(10_000, 200_000);
    });

    it("remember the version for the archive's days", async () => {
      await accept(say("a"));
      expect(marker("T0001-C0001-1763805600.000200#counter")).to.deep.include({
        version: { S: "0" },
        counts: { S: '[["a",1]]' },
        expires_at: { N: String(NOW_MS / 1000 + ARCHIVE_DAYS * 86_400) },
      });
    });

    it("are published even if the counted version expires at that moment", async () => {
      await accept(say("a"));
      const late = buildEditMessage("b", { editedTs: `${NOW_MS / 1000 + 91 * 86_400}.000000` });
      const { accept: door } = start();
      const key = "T0001-C0001-1763805600.000200#counter";
      const expire = sinon.stub(CountOnce.prototype, "write").callThrough();
      expire.onFirstCall().callsFake(async (items, deadline) => {
        cloud.tables.get("seen")?.delete(key);
        return expire.wrappedMethod.call(new CountOnce(start().process.client), items, deadline);
      });
      await door.accept(late, soon());
      expect(marker(key)).to.equal(undefined);
      expect(cloud.published).to.include(late.envelope);
    });

    it("finish an unfinished version first", async () => {
      const held = { ...say(words(300)), acceptedAtMs: NOW_MS, pending: true };
      await start().accept.count(held, soon());
      await accept(buildEditMessage(words(250, "x")));
      expect(cloud.counts("words")).to.deep.equal(ones(words(250, "x")));
      nowMs += 11_000;
      await start().relay.handle();
      expect(cloud.counts("words")).to.deep.equal(ones(words(250, "x")));
      expect(cloud.published).to.have.length(2);
    });
  });

  describe("without SNS", () => {
    it("answers anyway, and the relay publishes later", async () => {
      const message = say(words(150));
      cloud.snsDown = true;
      const answer = await start().accept.accept(message, soon());
      expect(answer).to.include("`w149` = 1");
      expect(marker(message.id)).to.include.keys("pending", "answer").and.not.to.include.keys("expires_at", "tokens");
      cloud.snsDown = false;
      nowMs += 11_000;
      await start().relay.handle();
      expect(cloud.published).to.deep.equal([message.envelope]);
      expect(await start().accept.accept(message, soon())).to.equal(answer);
      expect(cloud.counts("words")).to.deep.equal(ones(words(150)));
    });
  });

  it("throws NotDurable if counting takes too long", async () => {
    const { accept } = start();
    sinon.stub(accept, "count").rejects(new NotDurable("The time was up."));
    expect(await rejectionOf(accept.accept(say("a"), soon()))).to.be.instanceOf(NotDurable);
    expect(cloud.items("seen")).to.deep.equal([]);
  });

  describe("out of time after the marker", () => {
    const late = () => new NotDurable("The time was up.");

    it("leaves an event to the relay", async () => {
      const { accept } = start();
      sinon.stub(accept, "publish").rejects(late());
      expect(await accept.accept(say("#a", "events"), soon())).to.equal("");
      expect(cloud.published).to.deep.equal([]);
      nowMs += 11_000;
      await start().relay.handle();
      expect(cloud.published).to.have.length(1);
    });

    it("leaves a webhook message to Slack's retry", async () => {
      const { accept } = start();
      sinon.stub(accept, "read").rejects(late());
      expect(await rejectionOf(accept.accept(say("a"), soon()))).to.be.instanceOf(NotDurable);
      expect(await start().accept.accept(say("a"), soon())).to.equal("`a` = 1");
    });
  });

  it("does not repeat finished chunks", async () => {
    const message = say(words(500));
    const first = start({ call: 3, when: "after" });
    await first.accept.accept(message, soon()).catch(() => undefined);
    nowMs += 3000;
    const { process, accept } = start();
    await accept.accept(message, soon());
    // Its own first transaction, which is refused, and the three that are missing of the five for 98 + 99 + 99 + 99 + 99 + 6 words.
    expect(process.calls.filter(call => call === "TransactWriteItemsCommand")).to.have.length(1 + 3);
    expect(cloud.counts("words")).to.deep.equal(ones(words(500)));
  });

  describe("killed", () => {
    // Calls of one message: a transaction for 98 counters and one for each further 99, the webhook's reads of 100 keys, publish, settle.
    // The relay: list, get, read the counted version, look for markers of chunks, the missing chunks, and then the same.
    const rows: [title: string, message: () => Message, calls: number, relayCalls: number][] = [
      ["events", () => say("#a #b", "events"), 3, 5],
      ["webhook", () => say("a b a"), 4, 6],
      ["events with an answer", () => ask("a b a"), 5, 7],
      ["a deletion", () => buildDeletionMessage(), 4, 5],
      ["an edit with 350 words", () => buildEditMessage(words(350)), 1 + 4 + 2, 4 + 3 + 2],
      ["webhook with 350 words", () => say(words(350)), 4 + 4 + 2, 4 + 3 + 4 + 2],
    ];
    for (const [title, message, calls, relayCalls] of rows) {
      describe(title, () => {
        const event = { team: "T0001", eventId: "Ev1" };
        const expected = async () => {
          const whole = new FakeCloud();
          cloud = whole;
          const { process, accept } = start();
          await accept.accept(message(), soon(), event);
          expect(process.calls).to.have.length(calls);
          const answer = marker(message().id)?.["answer"];
          cloud = new FakeCloud();
          return { counts: whole.counts("words"), answer };
        };
        const expectMatchingCounts = async ({ counts, answer }: Awaited<ReturnType<typeof expected>>) => {
          expect(cloud.counts("words")).to.deep.equal(counts);
          expect(marker(message().id)?.["answer"]).to.deep.equal(answer);
          expect(new Set(cloud.published)).to.deep.equal(new Set([message().envelope]));
          expect(cloud.items("seen").filter(item => item["pending"])).to.deep.equal([]);
        };

        for (let call = 1; call <= relayCalls; call += 1) {
          for (const when of ["before", "after"] as const) {
            it(`${when} call ${call} of the relay that finishes it`, async () => {
              const counts = await expected();
              await start().accept.count({ ...message(), acceptedAtMs: nowMs, pending: true }, soon(), event);
              nowMs += 11_000;
              const { process, relay } = start({ call, when });
              await relay.handle().catch(() => undefined);
              expect(process.calls.length).to.be.at.least(call);
              await start().relay.handle();
              await expectMatchingCounts(counts);
            });
          }
        }

        for (let call = 1; call <= calls; call += 1) {
          for (const when of ["before", "after"] as const) {
            it(`${when} call ${call}, with Slack's retry`, async () => {
              const counts = await expected();
              await start({ call, when })
                .accept.accept(message(), soon(), event)
                .catch(() => undefined);
              await start().accept.accept(message(), soon(), event);
              await expectMatchingCounts(counts);
            });

            it(`${when} call ${call}, without it`, async () => {
              const counts = await expected();
              await start({ call, when })
                .accept.accept(message(), soon(), event)
                .catch(() => undefined);
              nowMs += 11_000;
              await start().relay.handle();
              // Edits and deletions begin with a read.
              const [begins] = message().type === "slack.message" ? [1] : [2];
              const isNothing = call < begins || (call === begins && when === "before");
              if (isNothing) expect([cloud.items("seen"), cloud.counts("words"), cloud.published]).to.deep.equal([[], {}, []]);
              else await expectMatchingCounts(counts);
            });
          }
        }
      });
    }
  });

  it("finishes a message without any chunks from its marker alone", async () => {
    const text = `7 ${words(300)} 3`;
    const message = say(text);
    await start().accept.count({ ...message, acceptedAtMs: NOW_MS, pending: true }, soon());
    nowMs += 60_000;
    await Promise.all([start().relay.handle(), start().relay.handle(), start().accept.accept(message, soon())]);
    expect(cloud.counts("words")).to.deep.equal(ones(text));
  });
});
