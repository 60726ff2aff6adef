import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { administrator, pageReader } from "../../../src/kernel/caller";
import { sqs } from "../../../src/services/sqs";

describe("sqs peek", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let QueueUrl: string;

  beforeEach(async () => {
    laptop = await startLaptop({ definitions: [sqs], resources: [{ type: "aws:sqs/queue:Queue", name: "letters", inputs: {} }] });
    QueueUrl = laptop.cloud.inventory.ofType("aws:sqs/queue:Queue")[0]!.outputs["url"];
  });

  afterEach(() => laptop.stop());

  const call = (operation: string, input: object = {}) => laptop.cloud.call("sqs", operation, { QueueUrl, ...input }, administrator);
  const peek = () => laptop.cloud.call("sqs", "laptop:PeekMessages", { QueueUrl }, pageReader);

  it("returns messages with their state, in order, without receiving them", async () => {
    await call("SendMessage", { MessageBody: "first" });
    await call("SendMessage", { MessageBody: "second", DelaySeconds: 60 });
    await peek();

    const { Messages, visible, inFlight, delayed } = await peek();

    expect(Messages.map((each: { Body: string; state: string; receives: number }) => [each.Body, each.state, each.receives])).to.deep.equal(
      [
        ["first", "visible", 0],
        ["second", "delayed", 0],
      ],
    );
    expect([visible, inFlight, delayed]).to.deep.equal([1, 0, 1]);
  });

  it("shows what is in flight, and until when", async () => {
    await call("SendMessage", { MessageBody: "taken" });
    await call("ReceiveMessage", { VisibilityTimeout: 600 });

    const { Messages } = await peek();

    expect(Messages[0]).to.include({ state: "in flight", receives: 1 });
    expect(Messages[0].untilMs).to.be.closeTo(Date.now() + 600_000, 60_000);
  });

  it("is not recorded as a call", async () => {
    await peek();
    expect(laptop.cloud.calls.all()).to.deep.equal([]);
  });
});
