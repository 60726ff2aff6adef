import { expect } from "chai";
import sinon from "sinon";
import { parseAnyEnvelope } from "#core/message/event";
import { buildMessage } from "#core/message/message";
import { countTokens } from "#core/message/tokens";
import { Levels } from "#stores/message/levels";
import { Tally } from "#subscribers/tally";
import { buildTeamSettings } from "../team-settings";
import { buildEditMessage } from "./envelopes";

/** The tokens of more than 240 KB are not in the envelope. */
const LARGE = Array.from({ length: 20_000 }, (_, index) => String.fromCodePoint(0x20000 + index)).join(" ");
const STACK = { split: "annotations" as const, ignoreWords: [], archiveDays: 90 };

describe("tally", () => {
  const make = (isShared = true) => {
    const counted = {
      apply: sinon.stub().resolves({ rest: [] }),
      addRest: sinon.stub().resolves(),
      findRest: sinon.stub().resolves([]),
    };
    const chosen = { readVersion: sinon.stub().resolves(buildTeamSettings({ ignoreWords: ["lemon", "\u{20001}"] })) };
    const seen = { buildEffectMarker: sinon.stub().returns({}) };
    const [levels, effect] = [sinon.createStubInstance(Levels), { name: "test", times: 1, build: () => [] }];
    const tally = new Tally({ counted, seen, levels, effect, chosen: isShared ? chosen : undefined, settings: STACK });
    return { tally, counted, chosen };
  };
  const say = (text: string, settingsVersion?: string) => {
    const place = { door: "events" as const, team: "T0002", channel: "C1001", user: "U1001", private: false };
    const tokens = countTokens(text, { split: "words", ignoreWords: [] });
    const said = {
      ...place,
      text,
      ts: "1763805600.000100",
      files: [],
      mentionsBot: false,
      split: "words" as const,
      tokens,
      settingsVersion,
    };
    return parseAnyEnvelope(buildMessage(said).envelope);
  };
  const tokensOf = (counted: { apply: sinon.SinonStub }) => counted.apply.firstCall.args[1] as [string, number][];

  it("splits a large message under the settings with which it was accepted", async () => {
    const { tally, counted, chosen } = make();
    await tally.handle(say(LARGE, "3"));
    expect(chosen.readVersion.firstCall.args.slice(0, 2)).to.deep.equal(["T0002", "3"]);
    const tokens = tokensOf(counted).map(([token]) => token);
    expect(tokens).to.include("\u{20002}").and.not.include("\u{20001}");
  });

  it("splits an edit under the settings with which it was accepted", async () => {
    const { tally, counted, chosen } = make();
    const edit = parseAnyEnvelope(buildEditMessage("tea lemon", { ts: "1763805600.000100" }).envelope);
    await tally.handle({ ...edit, settingsversion: "3" } as typeof edit);
    expect(chosen.readVersion.firstCall.args[1]).to.equal("3");
    expect(tokensOf(counted)).to.deep.equal([["tea", 1]]);
  });

  it("reads no settings for a message with its tokens, or under the stack's settings", async () => {
    for (const [envelope, isShared] of [
      [say("tea", "3"), true],
      [say(LARGE), true],
      [say(LARGE), false],
    ] as const) {
      const { tally, counted, chosen } = make(isShared);
      await tally.handle(envelope);
      expect([counted.apply.callCount, chosen.readVersion.callCount]).to.deep.equal([1, 0]);
    }
  });
});
