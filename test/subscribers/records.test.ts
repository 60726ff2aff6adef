import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { createLog } from "#core/log";
import { createSubscriber } from "#subscribers/records";
import { buildEnvelope } from "./envelopes";

const record = (ts: string, mentionsBot?: string) => ({
  Sns: {
    Message: JSON.stringify(buildEnvelope({ ts })),
    ...(mentionsBot === undefined ? {} : { MessageAttributes: { mentionsBot: { Value: mentionsBot } } }),
  },
});

describe("records", () => {
  let errors: sinon.SinonStub;
  beforeEach(() => {
    errors = sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  it("handles every record with its attributes", async () => {
    const handle = sinon.stub().resolves();
    await createSubscriber(createLog("test", {}), handle)({ Records: [record("1.1", "true"), record("2.1")] });
    expect(handle.args.map(([envelope, attributes]) => [envelope.data.ts, attributes])).to.deep.equal([
      ["1.1", { mentionsBot: { Value: "true" } }],
      ["2.1", {}],
    ]);
  });

  it("handles the others when one fails, then throws, so that Lambda tries again", async () => {
    const failure = new Error("poison");
    const handle = sinon.stub().resolves();
    handle.onFirstCall().rejects(failure);
    const event = { Records: [record("1.1"), record("2.1")] };
    expect(await rejectionOf(createSubscriber(createLog("test", {}), handle)(event))).to.equal(failure);
    expect(handle.callCount).to.equal(2);
    expect(errors.callCount).to.equal(1);
  });

  it("names the messages of a queue that failed, so that only those come again", async () => {
    const handle = sinon.stub().resolves();
    handle.onSecondCall().rejects(new Error("poison"));
    const queued = (ts: string) => ({
      messageId: `message-${ts}`,
      body: JSON.stringify(buildEnvelope({ ts })),
      messageAttributes: { mentionsBot: { stringValue: "true" } },
    });
    const Records = [queued("1.1"), queued("2.1"), { messageId: "odd", body: "hello" }];
    const answer = await createSubscriber(createLog("test", {}), handle)({ Records });
    expect(handle.args[0]![1]).to.deep.equal({ mentionsBot: { Value: "true" } });
    expect(answer?.batchItemFailures).to.have.deep.members([{ itemIdentifier: "message-2.1" }, { itemIdentifier: "odd" }]);
  });

  it("throws for a message without an envelope, so that it is dead-lettered", async () => {
    const subscriber = createSubscriber(createLog("test", {}), sinon.stub().resolves());
    expect(await rejectionOf(subscriber({ Records: [{ Sns: { Message: "hello" } }] }))).to.have.property("name", "BadEnvelope");
  });
});
