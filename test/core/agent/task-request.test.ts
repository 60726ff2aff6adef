import { expect } from "chai";
import { buildAskEnvelope, parseTaskRequest } from "#core/agent/task-request";
import { BadRequest } from "#core/errors";
import { buildMessage } from "#core/message/message";

const said = {
  door: "events" as const,
  team: "T0001",
  channel: "C0001",
  user: "U0001",
  text: "<@UBOT01> sleep 2h",
  ts: "1763805600.000100",
  files: [],
  private: false,
  mentionsBot: true,
  tokens: [],
};
const ask = { team: "T0001", channel: "C0001", user: "U0001", text: "post a &lt; b", triggerId: "1334.7384.8088930838d88f008e0" };
const NOW_MS = 1_763_805_600_000;

const textOf = (text: string) => parseTaskRequest(buildMessage({ ...said, text }).envelope).text;

describe("task-request", () => {
  describe("a message", () => {
    it("is a task of its thread, with an id made of its place and time", () => {
      expect(parseTaskRequest(buildMessage(said).envelope)).to.deep.equal({
        id: "T0001-C0001-1763805600.000100",
        messageId: "T0001-C0001-1763805600.000100-events",
        team: "T0001",
        channel: "C0001",
        user: "U0001",
        text: "sleep 2h",
        threadTs: "1763805600.000100",
        createdAtMs: NOW_MS,
      });
      expect(parseTaskRequest(buildMessage({ ...said, threadTs: "1763805500.000001" }).envelope).threadTs).to.equal("1763805500.000001");
    });

    it("and its mention event are the same task", () => {
      const mention = buildMessage({ ...said, type: "slack.app_mention" });
      expect(mention.id).not.to.equal(buildMessage(said).id);
      const { messageId, ...task } = parseTaskRequest(mention.envelope);
      expect(messageId).to.equal(mention.id);
      expect(parseTaskRequest(buildMessage(said).envelope)).to.deep.include(task);
    });

    const texts: [said: string, read: string][] = [
      ["<@UBOT01> post hello", "post hello"],
      ["  <@UBOT01|bot>: post hello", "post hello"],
      ["post hello <@UBOT01>", "post hello"],
      ["<@UBOT01>, <@U0002> post hello", "post hello"],
      ["<@UBOT01> ask <@U0002> for lunch", "ask <@U0002> for lunch"],
      ["<@UBOT01> ask <@U0002>", "ask <@U0002>"],
      ["<@UBOT01> post a &amp;lt; b &lt;@U0002&gt;", "post a &lt; b <@U0002>"],
      ["<@UBOT01>", ""],
      ["<@UBOT01> post \ud800", "post \ufffd"],
      ["<@UBOT01> one\ntwo", "one\ntwo"],
    ];
    for (const [text, read] of texts) it(`reads ${JSON.stringify(text)}`, () => expect(textOf(text)).to.equal(read));
  });

  describe("an ask", () => {
    it("is a task without a thread", () => {
      const { id, envelope } = buildAskEnvelope(ask, NOW_MS);

      expect(id).to.equal("T0001-C0001-1334.7384.8088930838d88f008e0-ask");
      expect(parseTaskRequest(envelope)).to.deep.equal({
        id,
        messageId: id,
        team: "T0001",
        channel: "C0001",
        user: "U0001",
        text: "post a < b",
        createdAtMs: NOW_MS,
      });
    });

    for (const triggerId of ["", "a b", "x".repeat(101), "#"]) {
      it(`has a short id for the trigger ${JSON.stringify(triggerId.slice(0, 5))}`, () => {
        const { id, envelope } = buildAskEnvelope({ ...ask, triggerId }, NOW_MS);

        expect(id).to.match(/^T0001-C0001-[0-9a-f]{64}-ask$/);
        expect(parseTaskRequest(envelope).id).to.equal(id);
      });
    }

    it("escapes characters that SQS refuses", () => {
      const { envelope } = buildAskEnvelope({ ...ask, text: "a\uffff\ufffe" }, NOW_MS);

      expect(envelope).to.not.match(/[\uffff\ufffe]/);
      expect(parseTaskRequest(envelope).text).to.equal("a\uffff\ufffe");
    });
  });

  describe("anything else", () => {
    const message = JSON.parse(buildMessage(said).envelope);
    const bodies: [what: string, body: unknown][] = [
      ["no JSON", "x"],
      ["a list", []],
      ["another type", { ...message, type: "slack.reaction" }],
      ["no data", { ...message, data: undefined }],
      ["no time", { ...message, time: undefined }],
      ["an invalid time", { ...message, time: "soon" }],
      ["an odd team", { ...message, data: { ...message.data, team: "T#1" } }],
      ["an odd channel", { ...message, data: { ...message.data, channel: "../C1" } }],
      ["an odd user", { ...message, data: { ...message.data, user: 7 } }],
      ["no text", { ...message, data: { ...message.data, text: undefined } }],
      ["a message without an id", { ...message, id: undefined }],
      ["no ts", { ...message, data: { ...message.data, ts: undefined } }],
      ["an odd thread", { ...message, data: { ...message.data, threadTs: "x" } }],
      ["an ask with another's id", { ...message, type: "slack.ask", id: "step#0001" }],
    ];
    for (const [what, body] of bodies) {
      it(`is refused: ${what}`, () => {
        expect(() => parseTaskRequest(typeof body === "string" ? body : JSON.stringify(body))).to.throw(BadRequest);
      });
    }
  });
});
