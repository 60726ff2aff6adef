import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { NotDurable } from "#core/errors";
import { WordsTable } from "#stores/message/words-table";
import { Multiplier } from "#subscribers/multiplier";
import { FakeProcess } from "../functions/fake-cloud";
import { buildEnvelope } from "./envelopes";
import { createWorld } from "./world";

const SETTINGS = { multiplier: 10, split: "words" as const, ignoreWords: [] };

describe("multiplier", () => {
  let world: ReturnType<typeof createWorld>;
  beforeEach(() => {
    world = createWorld();
  });

  const multiply = (envelope = buildEnvelope(), settings: Partial<typeof SETTINGS> = {}) => {
    const words = new WordsTable(new FakeProcess(world.cloud).client, "words");
    return new Multiplier(world.createAddOnce("multiplier"), words, { ...SETTINGS, ...settings }).handle(envelope);
  };

  it("adds ten per occurrence", async () => {
    await multiply();
    expect(world.cloud.counts("words")).to.deep.equal({ tea: 20, milk: 10 });
  });

  it("adds the configured bonus", async () => {
    await multiply(buildEnvelope(), { multiplier: 3 });
    expect(world.cloud.counts("words")).to.deep.equal({ tea: 6, milk: 3 });
  });

  it("adds once, however often the message comes", async () => {
    await multiply();
    await multiply();
    expect(world.cloud.counts("words")).to.deep.equal({ tea: 20, milk: 10 });
  });

  it("adds to private counts under their conversation", async () => {
    await multiply(buildEnvelope({ channel: "C0MPIM1", private: true }));
    expect(world.cloud.counts("words")).to.deep.equal({ "C0MPIM1#tea": 20, "C0MPIM1#milk": 10 });
  });

  it("splits the text if the envelope has no tokens", async () => {
    const envelope = buildEnvelope();
    delete envelope.data.tokens;
    await multiply(envelope);
    expect(world.cloud.counts("words")).to.deep.equal({ tea: 20, milk: 10 });
  });

  it("ignores a message without tokens", async () => {
    await multiply(buildEnvelope({ tokens: [] }));
    expect(world.markers()).to.deep.equal([]);
  });

  it("throws if it can't add", async () => {
    const addOnce = { add: sinon.stub().rejects(new NotDurable("The time was up.")) };
    const words = { buildAddition: sinon.stub().returns({ table: "words", key: {}, by: 10, set: {} }) };
    const multiplier = new Multiplier(addOnce, words, SETTINGS);

    expect(await rejectionOf(multiplier.handle(buildEnvelope()))).to.be.instanceOf(NotDurable);
    sinon.assert.calledWithExactly(words.buildAddition, { team: "T0001" }, ["tea", 20]);
  });
});
