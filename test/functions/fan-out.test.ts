import { SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import { parseEnvelope } from "#core/message/message";
import { Accept, Counter } from "#functions/accept";
import { Top } from "#functions/top";
import { Webhook } from "#functions/webhook";
import { CountOnce } from "#stores/count-once";
import { BoardsTable } from "#stores/message/boards-table";
import { CountedVersions, type Effect } from "#stores/message/counted-versions";
import { Levels } from "#stores/message/levels";
import { MessagesTopic } from "#stores/message/messages-topic";
import { PersonalBoards } from "#stores/message/personal-boards";
import { PersonalChoices } from "#stores/message/personal-choices";
import { SeenTable } from "#stores/message/seen-table";
import { WordsTable } from "#stores/message/words-table";
import { Leaderboard } from "#subscribers/leaderboard";
import { Multiplier } from "#subscribers/multiplier";
import { Tally } from "#subscribers/tally";
import { createTables, type Tables } from "../dynamodb-endpoint";
import { buildWebhookRequest, NOW_MS, parseAnswer, TOKEN } from "./requests";

describe("fan-out", () => {
  let tables: Tables;
  beforeEach(async () => {
    tables = await createTables();
    sinon.stub(console, "log");
  });
  afterEach(async () => {
    sinon.restore();
    await tables.stop();
  });

  /** The webhook and two subscribers on real tables; `deliver` brings everything published to both subscribers. */
  const start = (ignoreWords: string[] = []) => {
    const { client } = tables;
    const words = new WordsTable(client, tables.words);
    const seen = new SeenTable(client, tables.seen);
    const boards = new BoardsTable(client, tables.boards);
    const choices = new PersonalChoices(tables.client, tables.boards);
    const personal = new PersonalBoards(client, { boardsTable: tables.boards, seenTable: tables.seen });
    const levels = new Levels(client);
    const once = new CountOnce(client);
    const rules = { split: "words" as const, ignoreWords };
    const topic = new MessagesTopic(new SNSClient({ region: "us-east-1" }), "arn:aws:sns:us-east-1:123456789012:messages");
    const publish = sinon.stub(topic, "publish").resolves();
    const remembering = { archiveDays: 400, dedupHours: 48 };
    const count = (effect: Effect) => new CountedVersions({ once, seen, effect, ...remembering });
    const accept = new Accept({
      counted: count(new Counter(words)),
      words,
      seen,
      topic,
      levels,
      settings: remembering,
      log: createLog("test", {}),
    });
    const top = new Top({ words, boards, own: undefined, nowMs: () => NOW_MS });
    const webhook = new Webhook(accept, top, { ...rules, triggerWords: ["awsadvent"] }, [TOKEN]);
    const tally = (effect: Effect) => new Tally({ counted: count(effect), seen, levels, effect, settings: { ...rules, ...remembering } });
    const multiplier = tally(new Multiplier(words, 10));
    const leaderboard = tally(
      new Leaderboard({ boards, personal, choices, settings: { multiplier: 10, archiveDays: 30, personalBoards: true } }),
    );
    const say = async (text: string, timestamp: string) => parseAnswer(await webhook.handle(buildWebhookRequest({ text, timestamp })));
    const deliver = async () => {
      const envelopes = publish.args.map(([envelope]) => parseEnvelope(envelope));
      await Promise.all(envelopes.flatMap(envelope => [multiplier.handle(envelope), leaderboard.handle(envelope)]));
    };
    return { say, deliver, words, published: () => publish.args.map(([envelope]) => envelope) };
  };

  it("answers 1, then 12", async () => {
    const { say, deliver } = start();
    expect(await say("awsadvent some words", "1763805600.000100")).to.deep.equal({ text: "`awsadvent` = 1\n`some` = 1\n`words` = 1" });
    await deliver();
    expect(await say("awsadvent some words", "1763805601.000100")).to.deep.equal({ text: "`awsadvent` = 12\n`some` = 12\n`words` = 12" });
    await deliver();
    await deliver();
    expect(await say("awsadvent some words", "1763805600.000100"), "the first again").to.deep.equal({
      text: "`awsadvent` = 1\n`some` = 1\n`words` = 1",
    });
    expect(await say("awsadvent top", "1763805602.000100")).to.deep.equal({
      text: "*Top words*\n1. `awsadvent` = 22\n2. `some` = 22\n3. `words` = 22",
    });
    expect(await say("awsadvent top today", "1763805603.000100")).to.deep.equal({
      text: "*Top words today*\n1. `awsadvent` = 2\n2. `some` = 2\n3. `words` = 2",
    });
    expect(await say("awsadvent top here 3", "1763805604.000100")).to.deep.equal({
      text: "*Top words here*\n1. `awsadvent` = 22\n2. `some` = 22\n3. `words` = 22",
    });
    expect(await say("awsadvent top 3 here today", "1763805605.000100")).to.deep.equal({
      text: "*Top words here today*\n1. `awsadvent` = 2\n2. `some` = 2\n3. `words` = 2",
    });
  });

  it("publishes a message without countable tokens, and answers nothing", async () => {
    const { say, deliver, published } = start(["awsadvent", "hello"]);
    expect(await say("awsadvent hello", "1763805600.000100")).to.deep.equal({});
    expect(await say("awsadvent hello", "1763805600.000100"), "again").to.deep.equal({});
    expect(published()).to.have.length(1);
    await deliver();
  });

  it("counts exactly when many people say the same words at once", async () => {
    const { say, deliver, words } = start();
    await Promise.all(Array.from({ length: 10 }, (_, index) => say("awsadvent tea tea", `1763805600.${100 + index}`)));
    await Promise.all([deliver(), deliver()]);
    expect(await words.readCounts({ team: "T0001" }, ["awsadvent", "tea"], new Deadline(5000))).to.deep.equal([
      ["awsadvent", 10 * 11],
      ["tea", 20 * 11],
    ]);
  });

  it("counts 1,600 different words, and answers as many lines as a message holds", async () => {
    const { say, words } = start();
    // Long words fill the answer sooner.
    const list = Array.from({ length: 1600 }, (_, index) => `w${index}`.padEnd(24, "x"));
    const [first = "", last = ""] = [list[0], list.at(-1)];
    // A slow machine needs several deliveries; each goes on where the one before ran out of time.
    let answer: unknown;
    for (let deliveries = 0; answer === undefined && deliveries < 10; deliveries += 1) {
      answer = await say(list.join(" "), "1763805600.000100").catch(() => undefined);
    }
    expect(answer)
      .to.have.property("text")
      .that.matches(/^`w0x+` = 1\n.*\n\.\.\. and [0-9]+ more$/s);
    expect(await words.readCounts({ team: "T0001" }, [first, last], new Deadline(5000))).to.deep.equal([
      [first, 1],
      [last, 1],
    ]);
  });
});
