import { randomBytes } from "node:crypto";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { decryptText, type Encrypted } from "#core/message/archived-message";
import { ArchiveEncryption } from "#functions/archive-encryption";

describe("archive-encryption", () => {
  const keyOf: Record<string, { id: string; bytes: Uint8Array }> = {
    T0001: { id: "key-1", bytes: randomBytes(32) },
    T0002: { id: "key-2", bytes: randomBytes(32) },
  };
  const lineOf = (id: string, text = `said in ${id}`) =>
    JSON.stringify({ Type: "Notification", Message: JSON.stringify({ id, data: { text } }), Timestamp: "2026-11-29T12:00:00.000Z" });
  const batchOf = (...lines: string[]) => ({
    records: lines.map((line, index) => ({ recordId: String(index), data: Buffer.from(`${line}\n`).toString("base64") })),
  });

  const make = () => {
    const parts = {
      keys: { forTeam: sinon.stub().callsFake(async (team: string) => keyOf[team]) },
      deadLetters: { send: sinon.stub().resolves() },
      log: { info: sinon.stub(), error: sinon.stub() },
    };
    const encryption = new ArchiveEncryption(parts);
    const run = async (...lines: string[]) => {
      const { records } = await encryption.handle(batchOf(...lines));
      return records.map(({ recordId, ...outcome }) => ({
        recordId,
        result: outcome.result,
        text: outcome.result === "Ok" ? Buffer.from(outcome.data, "base64").toString() : undefined,
      }));
    };
    return { run, ...parts };
  };

  it("encrypts each record under the key of its workspace, in order, and asks for each key once", async () => {
    const { run, keys } = make();
    const ids = ["T0001-C0001-1.1-events", "T0002-C1001-1.1-events", "T0001-C0001-1.2-events"];

    const records = await run(...ids.map(id => lineOf(id)));

    expect(records.map(({ recordId, result }) => [recordId, result])).to.deep.equal([
      ["0", "Ok"],
      ["1", "Ok"],
      ["2", "Ok"],
    ]);
    for (const [index, { text }] of records.entries()) {
      expect(text)
        .to.match(/^[^\n]+\n$/)
        .and.not.include("said");
      const { Encrypted: encrypted, Timestamp } = JSON.parse(text!) as { Encrypted: Encrypted; Timestamp: string };
      expect(Timestamp).to.equal("2026-11-29T12:00:00.000Z");
      expect(JSON.parse(decryptText(encrypted, keyOf[ids[index]!.slice(0, 5)]!)).data.text).to.equal(`said in ${ids[index]}`);
    }
    expect(keys.forTeam.args).to.deep.equal([["T0001"], ["T0002"]]);
  });

  it("drops messages of an erased workspace", async () => {
    const { run, deadLetters } = make();
    expect((await run(lineOf("T0404-C0001-1.1-events"), lineOf("T0001-C0001-1.1-events"))).map(({ result }) => result)).to.deep.equal([
      "Dropped",
      "Ok",
    ]);
    sinon.assert.notCalled(deadLetters.send);
  });

  it("makes a dead letter of a record whose key can't be read, and encrypts those of other workspaces", async () => {
    const { run, keys, deadLetters } = make();
    keys.forTeam.withArgs("T0001").rejects(new Error("KMS is down"));
    const line = lineOf("T0001-C0001-1.1-events");

    const records = await run(line, line, lineOf("T0002-C1001-1.1-events"));

    expect(records.map(({ result }) => result)).to.deep.equal(["Dropped", "Dropped", "Ok"]);
    expect(deadLetters.send.args).to.deep.equal([
      [`${line}\n`, "KMS is down"],
      [`${line}\n`, "KMS is down"],
    ]);
    expect(keys.forTeam.withArgs("T0001").callCount).to.equal(1);
  });

  it("makes a dead letter of a record that is not a message, instead of archiving it in plain", async () => {
    const { run, deadLetters } = make();
    const lines = ["hello", '{"Message": "hello"}', JSON.stringify({ Encrypted: { id: "T0001-C0001-1.1-events", key: "k", text: "" } })];
    expect((await run(...lines)).map(({ result }) => result)).to.deep.equal(["Dropped", "Dropped", "Dropped"]);
    expect(deadLetters.send.callCount).to.equal(3);
  });

  it("fails, so that Firehose tries again, if a record can't even become a dead letter", async () => {
    const { run, keys, deadLetters } = make();
    keys.forTeam.rejects(new Error("KMS is down"));
    deadLetters.send.rejects(new Error("SQS is down"));
    expect(String(await rejectionOf(run(lineOf("T0001-C0001-1.1-events"))))).to.include("SQS is down");
  });
});
