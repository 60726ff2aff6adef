import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { createLog } from "#core/log";
import { Accept } from "#functions/accept";
import { Relay } from "#functions/outbox-relay";
import { type MessageMarker, SeenTable } from "#stores/message/seen-table";

const NOW_MS = 1_763_805_600_000;

const mark = (id: string, pending = true): MessageMarker => ({
  id,
  type: "slack.message",
  door: "events",
  envelope: "{}",
  tokens: [],
  hasFiles: false,
  mentionsBot: false,
  private: false,
  threaded: false,
  acceptedAtMs: 0,
  pending,
});

describe("outbox-relay", () => {
  let accept: sinon.SinonStubbedInstance<Accept>;
  let seen: sinon.SinonStubbedInstance<SeenTable>;
  beforeEach(() => {
    accept = sinon.createStubInstance(Accept);
    accept.finish.resolves("");
    seen = sinon.createStubInstance(SeenTable);
    seen.get.callsFake(async id => mark(id));
    sinon.stub(console, "log");
  });
  afterEach(() => sinon.restore());

  const run = () => new Relay(accept, seen, createLog("test", {}), () => NOW_MS).handle();
  const finished = () => accept.finish.args.map(([{ id }]) => id);

  it("finishes messages that are pending for more than 10 s", async () => {
    seen.listPending.resolves(["a", "b"]);
    await run();
    sinon.assert.calledOnceWithExactly(seen.listPending, NOW_MS - 10_000);
    expect(finished()).to.deep.equal(["a", "b"]);
  });

  it("skips a message that its door has settled in the meantime", async () => {
    seen.listPending.resolves(["settled", "gone", "pending"]);
    seen.get.withArgs("settled").resolves(mark("settled", false));
    seen.get.withArgs("gone").resolves(undefined);
    await run();
    expect(finished()).to.deep.equal(["pending"]);
  });

  it("finishes the others when one fails, and then throws", async () => {
    seen.listPending.resolves(["a", "b", "c"]);
    const failure = new Error("poison");
    accept.finish.onFirstCall().rejects(failure);
    expect(await rejectionOf(run())).to.equal(failure);
    expect(finished()).to.deep.equal(["a", "b", "c"]);
  });
});
