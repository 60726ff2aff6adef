import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { type PublishCommandInput, SNSClient } from "@aws-sdk/client-sns";
import { marshall } from "@aws-sdk/util-dynamodb";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { encryptRecord } from "#core/message/archived-message";
import { formatProgress, UsageError } from "../../scripts/command-line";
import { chooseSources, Replay, type ReplayParts } from "../../scripts/replay";
import type { StackOutputs } from "../../scripts/stack-outputs";

describe("replay", () => {
  const at = (time: string) => Date.parse(`2026-03-${time}Z`);
  const nowMs = at("10T12:00:00");
  const envelope = (id: string) =>
    JSON.stringify({ id, source: "slack://T0001/events", type: "slack.message", data: { text: "hello", files: [], private: false } });

  describe("chooseSources", () => {
    const choose = (from: string, to: string, messageArchiveDays?: number) =>
      chooseSources({ fromMs: at(from), untilMs: at(to) }, { keptHours: 48, messageArchiveDays } as StackOutputs, nowMs);

    it("reads the last hours from the markers, older ones from the archive", () => {
      const oldestMs = at("08T12:00:00");
      expect(choose("09T00:00:00", "10T00:00:00", 30)).to.deep.equal({
        archive: undefined,
        markers: { fromMs: at("09T00:00:00"), untilMs: at("10T00:00:00") },
      });
      expect(choose("01T00:00:00", "02T00:00:00", 30)).to.deep.equal({
        archive: { fromMs: at("01T00:00:00"), untilMs: at("02T00:00:00") },
        markers: undefined,
      });
      expect(choose("01T00:00:00", "10T00:00:00", 30)).to.deep.equal({
        archive: { fromMs: at("01T00:00:00"), untilMs: oldestMs + 3_600_000 },
        markers: { fromMs: oldestMs, untilMs: at("10T00:00:00") },
      });
    });

    it("refuses what neither has, and says how long they keep messages", () => {
      expect(() => choose("08T00:00:00", "10T00:00:00")).to.throw(
        UsageError,
        /kept for 48 hours, since 2026-03-08T12:00:00.000Z. An archive/,
      );
      expect(() => choose("01T00:00:00", "10T00:00:00", 5)).to.throw(UsageError, /kept for 5 days, since 2026-03-05T12:00:00.000Z.$/);
    });
  });

  describe("run", () => {
    const line = (id: string, time: string) =>
      JSON.stringify({
        Type: "Notification",
        Message: envelope(id),
        Timestamp: new Date(at(time)).toISOString(),
        MessageAttributes: { door: { Type: "String", Value: "events" }, type: { Type: "String", Value: "slack.message" } },
      });
    /** Objects of the archive by key, and markers. */
    const make = (objects: Record<string, string[]>, marked: string[] = [], keys?: ReplayParts["keys"]) => {
      const [s3, sns, dynamodb] = [new S3Client({}), new SNSClient({}), new DynamoDBClient({ region: "us-east-1" })];
      sinon.stub(s3, "send").callsFake(async command => {
        if (command instanceof ListObjectsV2Command) {
          const keys = Object.keys(objects).filter(key => key.startsWith(command.input.Prefix!));
          return { Contents: keys.map(Key => ({ Key, Size: 10 })) };
        }
        const lines = objects[(command as GetObjectCommand).input.Key!]!;
        return { Body: Readable.from([gzipSync(lines.map(each => `${each}\n`).join(""))]) };
      });
      const rows = marked.map(id => marshall({ event_id: id, envelope: envelope(id), accepted_at: nowMs }));
      sinon.stub(dynamodb, "send").callsFake(async () => ({ Items: rows }));
      const publish = sinon.stub(sns, "send").callsFake(async () => ({}));
      const progress = sinon.stub();
      const outputs = { messagesTopicArn: "arn", messageArchiveBucket: "kept", seenTable: "seen" } as StackOutputs;
      const published = () => publish.args.map(([{ input }]) => input as PublishCommandInput);
      return { replay: new Replay({ dynamodb, sns, s3, keys, outputs, progress }), published, progress };
    };
    const archive = { fromMs: at("02T00:00:00"), untilMs: at("03T00:00:00") };

    it("publishes archived messages of the range with their attributes, each once", async () => {
      const { replay, published, progress } = make({
        "messages/2026/03/01/a.gz": [line("early", "01T23:59:59"), line("first", "02T00:00:00")],
        "messages/2026/03/02/b.gz": [line("last", "02T23:59:59"), line("first", "02T00:00:00")],
        "messages/2026/03/04/late.gz": [line("delayed", "02T12:00:00"), line("after", "03T00:00:00")],
        "messages/2026/03/09/c.gz": [line("other", "09T00:00:00")],
      });

      expect(await replay.run({ archive }, "leaderboard")).to.deep.equal({ count: 3, erased: 0 });
      expect(published().map(({ Message }) => JSON.parse(Message!).id)).to.deep.equal(["first", "last", "delayed"]);
      expect(published()[0]!.MessageAttributes).to.deep.equal({
        door: { DataType: "String", StringValue: "events" },
        type: { DataType: "String", StringValue: "slack.message" },
        replayTo: { DataType: "String", StringValue: "leaderboard" },
      });
      expect(progress.lastCall.args).to.deep.equal([1, "3 messages from the archive"]);
    });

    it("publishes what both sources have once, and counts in a dry run", async () => {
      const markers = { fromMs: archive.untilMs, untilMs: nowMs };
      const both = () => make({ "messages/2026/03/02/a.gz": [line("both", "02T01:00:00"), line("old", "02T01:00:00")] }, ["both", "new"]);
      const { replay, published } = both();
      expect(await replay.run({ archive, markers }, "leaderboard")).to.deep.equal({ count: 3, erased: 0 });
      expect(published()).to.have.lengthOf(3);

      const dry = both();
      expect(await dry.replay.run({ archive, markers }, undefined)).to.deep.equal({ count: 3, erased: 0 });
      expect(dry.published()).to.deep.equal([]);
    });

    describe("of many workspaces", () => {
      const key = { id: "key-1", bytes: randomBytes(32) };
      const wrapped = { id: "key-1", wrapped: "wrapped" };
      const encrypted = (id: string, dataKey = key) =>
        JSON.stringify(encryptRecord(JSON.parse(line(id, "02T01:00:00")) as { Message: string }, id, dataKey));
      /** T0001 has its key; T0002 came back after its erasure, and has another one. */
      const objects = {
        "messages/2026/03/02/a.gz": [
          encrypted("T0001-1"),
          encrypted("T0001-2"),
          encrypted("T0001-1"),
          encrypted("T0002-1", { id: "erased", bytes: randomBytes(32) }),
          line("T0003-1", "02T01:00:00"),
        ],
      };
      const makeKeys = () => ({
        find: sinon.stub().callsFake(async (_, id: string) => (id === "key-1" ? wrapped : undefined)),
        unwrap: sinon.stub().resolves(key),
      });

      it("decrypts messages, and skips those of erased workspaces", async () => {
        const keys = makeKeys();
        const { replay, published } = make(objects, [], keys);
        expect(await replay.run({ archive }, "leaderboard")).to.deep.equal({ count: 3, erased: 1 });
        expect(published().map(({ Message }) => Message)).to.deep.equal(["T0001-1", "T0001-2", "T0003-1"].map(envelope));
        expect(published()[0]!.MessageAttributes).to.deep.include({ door: { DataType: "String", StringValue: "events" } });
        expect(keys.find.args).to.deep.equal([
          ["T0001", "key-1"],
          ["T0002", "erased"],
        ]);
        sinon.assert.alwaysCalledWithExactly(keys.unwrap, "T0001", wrapped);
      });

      it("counts the same in a dry run, without decrypting", async () => {
        const keys = makeKeys();
        const { replay, published } = make(objects, [], keys);
        expect(await replay.run({ archive }, undefined)).to.deep.equal({ count: 3, erased: 1 });
        expect([published(), keys.unwrap.callCount]).to.deep.equal([[], 0]);
      });
    });

    it("says which object it can't read", async () => {
      for (const bad of ["not JSON", '{"Message": 1}']) {
        const { replay } = make({ "messages/2026/03/02/bad.gz": [bad] });
        expect(await rejectionOf(replay.run({ archive }, "x")))
          .to.have.property("message")
          .that.includes("messages/2026/03/02/bad.gz has a line");
      }
    });
  });

  it("shows its progress as a bar", () => {
    expect(formatProgress(0.5, "3 messages")).to.equal(`[${"#".repeat(15)}${" ".repeat(15)}] 50% 3 messages`);
    expect(formatProgress(undefined, "3 messages")).to.equal("3 messages");
  });
});
