import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { BadEnvelope, TooLarge } from "#core/errors";
import {
  buildMessage,
  doorOf,
  type Envelope,
  findTrigger,
  isPrivate,
  isSlackTs,
  type MessageInput,
  parseEnvelope,
  readAttributes,
  serializeFrozenTokens,
  tokensOf,
} from "#core/message/message";
import { buildReply } from "#core/message/reply";
import { countTokens, type TokenCount } from "#core/message/tokens";

const say = (over: Partial<MessageInput> = {}): MessageInput => ({
  door: "events",
  team: "T0001",
  channel: "C0001",
  user: "U0001",
  text: "lunch #receipt",
  ts: "1763805600.000200",
  files: [],
  private: false,
  mentionsBot: false,
  tokens: [["#receipt", 1]],
  ...over,
});

/** The most that Slack lets somebody say: 40,000 characters, half of them spaces, in as many different words, of `bytes` bytes each. */
const sayMuch = (bytes: 3 | 4): MessageInput => {
  const firstLetter = bytes === 3 ? 0x4e00 : 0x20000;
  const text = Array.from({ length: 20_000 }, (_, index) => String.fromCodePoint(firstLetter + index)).join(" ");
  return say({ door: "webhook", text, tokens: countTokens(text, { split: "words", ignoreWords: [] }) });
};

describe("message", () => {
  it("is a CloudEvent with Slack's ids", () => {
    const { id, envelope } = buildMessage(say({ threadTs: "1763805500.000100", files: [{ id: "F0001" }] }));
    expect(id).to.equal("T0001-C0001-1763805600.000200-events");
    expect(JSON.parse(envelope)).to.deep.equal({
      specversion: "1.0",
      id,
      source: "slack://T0001/events",
      type: "slack.message",
      subject: "C0001/1763805600.000200",
      time: "2025-11-22T10:00:00.000Z",
      datacontenttype: "application/json",
      data: {
        team: "T0001",
        channel: "C0001",
        user: "U0001",
        text: "lunch #receipt",
        ts: "1763805600.000200",
        threadTs: "1763805500.000100",
        tokens: { "#receipt": 1 },
        files: [{ id: "F0001" }],
        private: false,
        mentionsBot: false,
      },
    });
  });

  it("has the same id after an edit, and another for a mention's own event", () => {
    expect(buildMessage(say({ type: "slack.app_mention" })).id).to.equal("T0001-C0001-1763805600.000200-mention");
  });

  it("has no intent if a user of another company wrote it", () => {
    const external = buildMessage(say({ text: "stop", external: true }));
    expect(external).not.to.have.property("intent");
    expect(readAttributes(parseEnvelope(external.envelope), {})).not.to.have.property("intent");
  });

  it("has attributes from the envelope, and the type of conversation", () => {
    const message = buildMessage(say({ channelType: "im", private: true, mentionsBot: true, threadTs: "1763805500.000100" }));
    expect(message).to.include({ type: "slack.message", door: "events", hasFiles: false, mentionsBot: true, private: true });
    expect(message).to.include({ threaded: true, channelType: "im" });
    expect(buildMessage(say())).not.to.have.property("channelType");
  });

  describe("privacy", () => {
    const older = (door: MessageInput["door"]): Envelope => {
      const envelope = parseEnvelope(buildMessage(say({ door })).envelope);
      delete envelope.data.private;
      return envelope;
    };

    it("is read from the envelope", () => {
      for (const isSaid of [true, false])
        expect(isPrivate(parseEnvelope(buildMessage(say({ private: isSaid })).envelope))).to.equal(isSaid);
    });

    it("of an older envelope depends on its door", () => {
      expect(isPrivate(older("webhook"))).to.equal(false);
      expect(isPrivate(older("events"))).to.equal(true);
    });
  });

  it("has an intent, even if other users are mentioned", () => {
    expect(buildMessage(say({ text: "<@UBOT01> Stop!" }))).to.include({ intent: "stop" });
    expect(buildMessage(say({ text: "stop it" }))).not.to.have.property("intent");
  });

  describe("sizes", () => {
    for (const bytes of [3, 4] as const) {
      it(`fit the longest message in letters of ${bytes} bytes, with frozen tokens and the longest answer`, () => {
        const said = sayMuch(bytes);
        const message = buildMessage(said);
        const frozen = serializeFrozenTokens(message.envelope, message.tokens) ?? "";
        expect(said.tokens).to.have.length(20_000);
        expect(Buffer.byteLength(message.envelope)).to.be.below(262_144 - 1000);
        expect(Buffer.byteLength(message.envelope) + Buffer.byteLength(frozen)).to.be.below(409_600 - 1000);
        const answer = buildReply(message.tokens.map(([token]): TokenCount => [token, Number.MAX_SAFE_INTEGER]));
        expect(Buffer.byteLength(message.envelope) + Buffer.byteLength(answer)).to.be.below(409_600 - 1000);
      });
    }

    it("omit tokens from a large envelope, and split the text again", () => {
      const said = sayMuch(4);
      const envelope = parseEnvelope(buildMessage(said).envelope);
      expect(envelope.data).not.to.have.property("tokens");
      expect(tokensOf(envelope, { split: "words", ignoreWords: [] })).to.deep.equal(said.tokens);
    });

    it("tell how to split the text again where the events door counted words", () => {
      const { text, tokens } = sayMuch(4);
      const envelope = parseEnvelope(buildMessage(say({ text, tokens, split: "words" })).envelope);
      expect(envelope.data).not.to.have.property("tokens");
      expect(tokensOf(envelope, { split: "annotations", ignoreWords: [] })).to.deep.equal(tokens);
    });

    it("keep the empty list of tokens of a large message", () => {
      const said = say({ door: "events", text: `awsadvent #receipt ${"x".repeat(245_000)}`, tokens: [] });
      const envelope = parseEnvelope(buildMessage(said).envelope);
      expect(tokensOf(envelope, { split: "words", ignoreWords: [] })).to.deep.equal([]);
    });

    it("refuse a message that is too large for an envelope", () => {
      expect(thrownBy(() => buildMessage(say({ text: "x".repeat(256_000) })))).to.be.instanceOf(TooLarge);
    });

    it("refuse tokens that are too large for a marker", () => {
      const tokens = Array.from({ length: 60_000 }, (_, index): TokenCount => [index.toString(36), 1]);
      expect(thrownBy(() => buildMessage(say({ tokens, text: "x".repeat(200_000) })))).to.be.instanceOf(TooLarge);
    });

    it("allow an envelope up to the limit in bytes", () => {
      const room = 250 * 1024 - Buffer.byteLength(buildMessage(say({ text: "", tokens: [] })).envelope);
      const message = buildMessage(say({ text: "x".repeat(room), tokens: [] }));
      expect(Buffer.byteLength(message.envelope)).to.equal(250 * 1024);
      expect(thrownBy(() => buildMessage(say({ text: "x".repeat(room + 1), tokens: [] })))).to.be.instanceOf(TooLarge);
    });
  });

  describe("frozen tokens", () => {
    const rows: [title: string, tokens: TokenCount[], frozen: boolean][] = [
      [
        "words",
        [
          ["b", 1],
          ["a", 2],
        ],
        false,
      ],
      ["nothing", [], false],
      [
        "a number in front",
        [
          ["7", 1],
          ["a", 1],
        ],
        false,
      ],
      [
        "a number behind a word",
        [
          ["a", 1],
          ["7", 1],
        ],
        true,
      ],
      [
        "numbers in another order",
        [
          ["7", 1],
          ["3", 1],
        ],
        true,
      ],
      [
        "the name of an object's part",
        [
          ["__proto__", 1],
          ["a", 1],
        ],
        false,
      ],
    ];
    for (const [title, tokens, frozen] of rows) {
      it(`are ${frozen ? "" : "not "}needed for ${title}`, () => {
        const { envelope } = buildMessage(say({ tokens }));
        expect(serializeFrozenTokens(envelope, tokens)).to.equal(frozen ? JSON.stringify(tokens) : undefined);
        expect(tokensOf(parseEnvelope(envelope), { split: "words", ignoreWords: [] })).to.have.deep.members(tokens);
      });
    }
  });

  it("gives subscribers no tokens if the door counted none", () => {
    const envelope = parseEnvelope(buildMessage(say({ tokens: [] })).envelope);
    expect(tokensOf(envelope, { split: "words", ignoreWords: [] })).to.deep.equal([]);
  });

  it("keeps lone surrogates, NUL and non-characters", () => {
    const text = "\ud800 \0 \ufffe\uffff";
    const { envelope } = buildMessage(say({ text }));
    expect(envelope).to.match(/^[ -~]*$/);
    expect(parseEnvelope(envelope).data.text).to.equal(text);
  });

  for (const json of ["", "null", "[]", "{}", '{"id":"a","source":"b","data":{}}']) {
    it(`refuses ${json || "nothing"} for an envelope`, () => expect(thrownBy(() => parseEnvelope(json))).to.be.instanceOf(BadEnvelope));
  }

  it("reads its door", () => {
    expect(doorOf(parseEnvelope(buildMessage(say({ door: "webhook" })).envelope))).to.equal("webhook");
  });

  describe("trigger", () => {
    const rows: [text: string, rest: string | undefined][] = [
      ["awsadvent some words", "some words"],
      ["  AWSAdvent: hi", ": hi"],
      ["awsadvent", ""],
      ["awsadventure", undefined],
      ["awsadvent_x", undefined],
      ["say awsadvent", undefined],
      ["R&amp;D news", "news"],
      ["", undefined],
    ];
    for (const [text, rest] of rows) {
      it(`reads ${JSON.stringify(text)}`, () => expect(findTrigger(text, ["", "other", "r&d", "awsadvent"])?.rest).to.equal(rest));
    }
  });

  it("prefers the longer of two trigger words that a text begins with", () => {
    for (const words of [
      ["hey", "hey bot"],
      ["hey bot", "hey"],
    ])
      expect(findTrigger("Hey bot top 5", words)).to.deep.equal({ trigger: "hey bot", rest: "top 5" });
  });

  it("recognizes Slack's timestamps", () => {
    for (const ts of ["1763805600.000200", "1763805600"]) expect(isSlackTs(ts)).to.equal(true);
    for (const ts of ["", "1e3", "-1", "1.", ".1", "1763805600.000200\n", 5, null]) expect(isSlackTs(ts)).to.equal(false);
  });
});
