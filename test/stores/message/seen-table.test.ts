import { randomUUID } from "node:crypto";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { buildMessage, type Message, parseEnvelope } from "#core/message/message";
import { buildReply } from "#core/message/reply";
import { countTokens, type TokenCount } from "#core/message/tokens";
import { CountOnce } from "#stores/count-once";
import { parseMessageMarker, type SeenRow, SeenTable } from "#stores/message/seen-table";
import { Table } from "#stores/table";
import { createTables, type Tables } from "../../dynamodb-endpoint";

const NOW_MS = 1_763_805_600_000;

describe("seen-table", () => {
  let tables: Tables;
  let seen: SeenTable;
  let once: CountOnce;
  let nextTs = 1_763_805_600;
  before(async () => {
    tables = await createTables();
    seen = new SeenTable(tables.client, tables.seen);
    once = new CountOnce(tables.client);
  });
  after(() => tables.stop());

  const soon = () => new Deadline(5000);
  const say = (text = "b 7 a b"): Message => {
    nextTs += 1;
    return buildMessage({
      door: "webhook",
      team: "T0001",
      channel: "C0001",
      channelType: "channel",
      user: "U0001",
      text,
      ts: `${nextTs}.000100`,
      files: [],
      private: false,
      mentionsBot: true,
      tokens: countTokens(text, { split: "words", ignoreWords: [] }),
    });
  };
  const put = async (message: Message, acceptedAtMs = NOW_MS) => {
    await once.add([seen.buildMessageMarker(message, acceptedAtMs)], [], soon());
    return message;
  };
  const read = (id: string) => new Table(tables.client, tables.seen).get({ event_id: id });

  it("keeps the order of a message's tokens", async () => {
    const message = await put(say());
    expect(await seen.get(message.id, soon())).to.deep.equal({ ...message, acceptedAtMs: NOW_MS, pending: true });
    expect(await read(message.id)).not.to.have.property("expires_at");
  });

  it("keeps the message's intent", async () => {
    const message = await put(say("Stop."));
    expect(await seen.get(message.id, soon())).to.include({ intent: "stop" });
  });

  it("keeps whether the message expects an answer, and the answer that is known", async () => {
    const message = await put({ ...say(), expectsAnswer: true, answer: "known" });
    expect(await seen.get(message.id, soon())).to.include({ expectsAnswer: true, answer: "known", pending: true });
  });

  it("reads from the row whether an older message mentions the bot", () => {
    const { data, ...envelope } = parseEnvelope(say().envelope);
    const { mentionsBot: _, ...older } = data;
    const row = { envelope: JSON.stringify({ ...envelope, data: older }), mentions_bot: true };
    expect(parseMessageMarker(row)).to.have.property("mentionsBot", true);
  });

  it("returns undefined for a message that it has not seen", async () => {
    expect(await seen.get(randomUUID(), soon())).to.equal(undefined);
  });

  it("returns the whole marker to a second attempt", async () => {
    const message = await put(say());
    const existing = await once.add<SeenRow>([seen.buildMessageMarker(message, NOW_MS + 5)], [], soon());
    expect(parseMessageMarker(existing ?? {})).to.deep.equal({ ...message, acceptedAtMs: NOW_MS, pending: true });
  });

  it("finds a message by its event id", async () => {
    const marker = seen.buildEventMarker("T0001", "Ev0001", "the-message", 2_000_000_000);
    await once.add([marker], [], soon());
    expect(await once.add([marker], [], soon())).to.deep.include({
      event_id: "event#T0001#Ev0001",
      message_id: "the-message",
    });
  });

  it("settles with the first answer", async () => {
    const message = await put(say());
    expect(await seen.settle(message.id, "first", 2_000_000_000, soon())).to.equal("first");
    expect(await seen.settle(message.id, "second", 2_000_000_001, soon())).to.equal("first");
    expect(await read(message.id))
      .to.include.keys("answer", "expires_at", "envelope")
      .and.not.to.include.keys("pending", "tokens");
  });

  it("keeps an answer and stays pending, until it is settled", async () => {
    const message = await put(say());
    expect(await seen.keepAnswer(message.id, "first", soon())).to.equal("first");
    expect(await seen.get(message.id, soon())).to.include({ pending: true, answer: "first" });
    expect(await read(message.id)).not.to.include.keys("expires_at", "tokens");
    expect(await seen.settle(message.id, "second", 2_000_000_000, soon())).to.equal("first");
    expect(await seen.get(message.id, soon())).to.include({ pending: false, answer: "first" });
  });

  it("keeps the empty answer of the events door", async () => {
    const message = await put(say());
    expect(await seen.settle(message.id, "", 2_000_000_000, soon())).to.equal("");
    expect(await seen.get(message.id, soon())).to.include({ pending: false, answer: "" });
  });

  it("does not settle a message that has no marker", async () => {
    const id = randomUUID();
    expect(await rejectionOf(seen.settle(id, "", 2_000_000_000, soon()))).to.have.property("name", "ConditionalCheckFailedException");
    expect(await read(id)).to.equal(undefined);
  });

  it("finds out which markers exist", async () => {
    const ids = Array.from({ length: 150 }, () => randomUUID());
    for (const id of [ids[3]!, ids[120]!]) await once.add([seen.buildEffectMarker(id, 2_000_000_000)], [], soon());
    expect(await seen.findExisting(ids, soon())).to.deep.equal(new Set([ids[3], ids[120]]));
    expect(await seen.findExisting([], soon())).to.deep.equal(new Set());
  });

  it("lists pending messages that are old enough, oldest first", async () => {
    const [young, older, oldest, settled] = [
      await put(say(), 3000),
      await put(say(), 2000),
      await put(say(), 1000),
      await put(say(), 1500),
    ];
    await seen.settle(settled.id, "", 2_000_000_000, soon());
    expect(await seen.listPending(3000)).to.deep.equal([oldest.id, older.id]);
    expect(await seen.listPending(3001)).to.deep.equal([oldest.id, older.id, young.id]);

    const former = seen.buildMessageMarker(say(), 1200);
    await once.add([{ ...former, row: { ...former.row, pending: "yes" } }], [], soon());
    expect(await seen.listPending(3000), "one of an earlier release").to.deep.equal([oldest.id, former.row["event_id"], older.id]);
  });

  it("fits the longest message and the longest answer into one item", async () => {
    const text = Array.from({ length: 20_000 }, (_, index) => String.fromCodePoint(0x20000 + index)).join(" ");
    const message = await put(say(text));
    const answer = buildReply(message.tokens.map(([token]): TokenCount => [token, Number.MAX_SAFE_INTEGER]));
    expect((await seen.get(message.id, soon()))?.tokens).to.deep.equal(message.tokens);
    expect(await seen.keepAnswer(message.id, answer, soon())).to.equal(answer);
    expect(await seen.settle(message.id, "", 2_000_000_000, soon())).to.equal(answer);
  });
});
