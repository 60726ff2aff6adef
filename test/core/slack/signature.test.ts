import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import fc from "fast-check";
import { Unauthorized } from "#core/errors";
import { buildSignature, isValidSignature, type SignedRequest, verifySignature } from "#core/slack/signature";

const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const NOW_SECONDS = 1_763_805_600;
const NOW_MS = NOW_SECONDS * 1000;

const sign = (over: Partial<SignedRequest> & { secret?: string } = {}): SignedRequest => {
  const { secret = SECRET, rawBody = Buffer.from('{"type":"event_callback"}'), timestamp = String(NOW_SECONDS) } = over;
  return { rawBody, timestamp, signature: buildSignature(secret, timestamp, rawBody), ...over };
};

describe("slack-signature", () => {
  it("matches the example in Slack's documentation", () => {
    const body =
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    expect(buildSignature(SECRET, "1531420618", Buffer.from(body))).to.equal(
      "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    );
  });

  it("accepts a signed request", () => {
    expect(() => verifySignature(sign(), [SECRET], NOW_MS)).not.to.throw();
  });

  it("accepts either secret during rotation", () => {
    expect(isValidSignature(sign({ secret: "old" }), ["new", "old"], NOW_MS)).to.equal(true);
    expect(isValidSignature(sign({ secret: "new" }), ["new", "old"], NOW_MS)).to.equal(true);
    expect(isValidSignature(sign({ secret: "older" }), ["new", "old"], NOW_MS)).to.equal(false);
  });

  const { signature = "" } = sign();
  const refused: [title: string, request: SignedRequest, secrets?: string[]][] = [
    ["no secret", sign(), []],
    ["no timestamp", sign({ timestamp: undefined })],
    ["no signature", sign({ signature: undefined })],
    ["another version", sign({ signature: signature.replace("v0", "v1") })],
    ["a short digest", sign({ signature: signature.slice(0, -1) })],
    ["a long digest", sign({ signature: `${signature}0` })],
    ["an upper-case digest", sign({ signature: signature.toUpperCase().replace("V0", "v0") })],
    ["a digest that is not ASCII", sign({ signature: `${signature.slice(0, -1)}é` })],
    ["a line break after the digest", sign({ signature: `${signature}\n` })],
    ["two signatures", sign({ signature: `${signature},${signature}` })],
    ["a changed body", sign({ signature, rawBody: Buffer.from('{"type":"event_callbacK"}') })],
    ["another secret", sign({ secret: "other" })],
    ...["NaN", "1e10", "0x10", "-1763805600", "+1763805600", " 1763805600", "01763805600", "1763805600.0", "", "1763805600000000000"].map(
      (timestamp): [string, SignedRequest] => [`the timestamp ${JSON.stringify(timestamp)}`, sign({ timestamp })],
    ),
  ];
  for (const [title, request, secrets = [SECRET]] of refused) {
    it(`refuses ${title}`, () => {
      expect(thrownBy(() => verifySignature(request, secrets, NOW_MS))).to.be.instanceOf(Unauthorized);
      expect(isValidSignature(request, secrets, NOW_MS)).to.equal(false);
    });
  }

  for (const [skewSeconds, valid] of [
    [0, true],
    [300, true],
    [-300, true],
    [301, false],
    [-301, false],
  ] as const) {
    it(`${valid ? "accepts" : "refuses"} a timestamp ${skewSeconds} s off`, () => {
      const request = sign({ timestamp: String(NOW_SECONDS + skewSeconds) });
      expect(isValidSignature(request, [SECRET], NOW_MS + 999)).to.equal(valid);
    });
  }

  it("accepts any signed body, and refuses it with one byte changed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, flip) => {
        const request = sign({ rawBody: Buffer.from(bytes) });
        const changed = Buffer.from(bytes);
        changed[at % bytes.length]! ^= flip;
        expect(isValidSignature(request, [SECRET], NOW_MS)).to.equal(true);
        expect(isValidSignature({ ...request, rawBody: changed }, [SECRET], NOW_MS)).to.equal(false);
      }),
    );
  });
});
