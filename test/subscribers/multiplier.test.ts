import { expect } from "chai";
import type { EventEnvelope } from "#core/message/event";
import type { Envelope } from "#core/message/message";
import { buildDeletion, buildEdit, buildEnvelope } from "./envelopes";
import { createWorld } from "./world";

const ID = "T0001-C0001-1763805600.000200-webhook";
const ROW = "T0001-C0001-1763805600.000200#multiplier";

describe("multiplier", () => {
  let world: ReturnType<typeof createWorld>;
  beforeEach(() => {
    world = createWorld();
  });

  const multiply = (envelope: Envelope | EventEnvelope = buildEnvelope(), multiplier = 10) =>
    world.multiplier(undefined, multiplier).handle(envelope);

  it("adds ten per occurrence", async () => {
    await multiply();
    expect(world.cloud.counts("words")).to.deep.equal({ tea: 20, milk: 10 });
  });

  it("adds the configured bonus", async () => {
    await multiply(buildEnvelope(), 3);
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

  it("ignores a message without tokens, which another door may count", async () => {
    await multiply(buildEnvelope({ tokens: [] }));
    expect(world.markers()).to.deep.equal([]);
  });

  it("marks a message as earlier releases did, and skips what they marked", async () => {
    await multiply();
    expect(world.markers()).to.have.members([`${ID}#multiplier`, ROW]);
    world.cloud.tables.get("seen")?.delete(ROW);
    await multiply();
    expect(world.cloud.counts("words")).to.deep.equal({ tea: 20, milk: 10 });
  });

  it("takes an edit's bonus at the rate of the message, not of today", async () => {
    await multiply();
    await multiply(buildEdit("awsadvent tea"), 3);
    expect(world.cloud.counts("words")).to.deep.equal({ awsadvent: 10, tea: 10 });
  });

  it("counts an edit in the conversation of the message", async () => {
    await multiply();
    await multiply(buildEdit("awsadvent", { channelType: "group" }));
    expect(world.cloud.counts("words")).to.deep.equal({ awsadvent: 10 });
  });

  it("takes everything back after a deletion", async () => {
    await multiply();
    await multiply(buildDeletion());
    expect(world.cloud.counts("words")).to.deep.equal({});
  });
});
