import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { decryptText, encryptRecord, isPlain, parseRecord, readId } from "#core/message/archived-message";

describe("archived message", () => {
  const Message = JSON.stringify({ id: "T0001-C0001-1.2-events", data: { text: "héllo" } });
  const plain = { Type: "Notification", Message, Timestamp: "2026-11-29T12:00:00.000Z", MessageAttributes: { door: { Value: "events" } } };
  const key = { id: "key-1", bytes: randomBytes(32) };

  it("hides the text, and leaves id, time and attributes readable", () => {
    const { Encrypted, ...rest } = encryptRecord(plain, "T0001-C0001-1.2-events", key);
    const { Message: _, ...readable } = plain;
    expect(rest).to.deep.equal(readable);
    expect(Encrypted).to.include({ id: "T0001-C0001-1.2-events", key: "key-1" });
    expect(JSON.stringify(Encrypted)).not.to.include("llo");
    expect(decryptText(Encrypted, key)).to.equal(Message);
    expect(encryptRecord(plain, "T0001-C0001-1.2-events", key).Encrypted.text).not.to.equal(Encrypted.text);
  });

  it("does not decrypt with another key, or after a change", () => {
    const { Encrypted } = encryptRecord(plain, "T0001-C0001-1.2-events", key);
    const changed = Buffer.from(Encrypted.text, "base64");
    changed[20]! ^= 1;
    for (const attempt of [
      () => decryptText(Encrypted, { id: "key-2", bytes: randomBytes(32) }),
      () => decryptText({ ...Encrypted, id: "T0001-C0001-1.3-events" }, key),
      () => decryptText({ ...Encrypted, text: changed.toString("base64") }, key),
      () => decryptText({ ...Encrypted, text: "" }, key),
    ])
      expect(attempt).to.throw();
  });

  it("is read from a line, encrypted or not", () => {
    for (const record of [plain, encryptRecord(plain, "T0001-C0001-1.2-events", key)]) {
      const read = parseRecord(JSON.stringify(record))!;
      expect(read).to.deep.equal(record);
      expect(readId(read)).to.equal("T0001-C0001-1.2-events");
      expect(isPlain(read)).to.equal(record === plain);
    }
    for (const line of ["not JSON", "[]", '{"Message": 1}', '{"Encrypted": {"id": "x", "key": "k"}}'])
      expect(parseRecord(line), line).to.equal(undefined);
    for (const text of ["hello", "{}", '{"id": 1}']) expect(readId({ Message: text }), text).to.equal(undefined);
  });
});
