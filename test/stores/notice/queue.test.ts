import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import sinon from "sinon";
import { NoticesQueue } from "#stores/notice/queue";

describe("notices-queue", () => {
  const make = () => {
    const client = new SQSClient({ region: "us-east-1" });
    const send = sinon.stub(client, "send").resolves({});
    const only = () => {
      sinon.assert.calledOnce(send);
      return send.args[0]![0];
    };
    return { queue: new NoticesQueue(client, "https://notices", "https://letters"), only };
  };

  it("lets a message come again after a time", async () => {
    const { queue, only } = make();
    await queue.postpone("receipt", 90);
    expect(only()).to.be.instanceOf(ChangeMessageVisibilityCommand);
    expect(only().input).to.deep.equal({ QueueUrl: "https://notices", ReceiptHandle: "receipt", VisibilityTimeout: 90 });
  });

  it("hides no message for longer than SQS can, twelve hours", async () => {
    const { queue, only } = make();
    await queue.postpone("receipt", 86_400);
    expect(only().input).to.include({ VisibilityTimeout: 43_200 });
  });

  it("sends a copy that says who held the notice, delayed for a quarter of an hour at most", async () => {
    for (const [seconds, delaySeconds] of [
      [20, 20],
      [3600, 900],
    ] as const) {
      const { queue, only } = make();
      await queue.sendCopy("{}", { holder: "a", copies: 2 }, seconds);
      expect(only().input).to.deep.equal({
        QueueUrl: "https://notices",
        MessageBody: "{}",
        DelaySeconds: delaySeconds,
        MessageAttributes: { holder: { DataType: "String", StringValue: "a" }, copies: { DataType: "Number", StringValue: "2" } },
      });
    }
  });

  it("puts what can't be delivered among the dead letters as it was, with the reason beside it", async () => {
    const { queue, only } = make();
    await queue.giveUp('{"Message":"…"}', "channel_not_found");
    expect(only()).to.be.instanceOf(SendMessageCommand);
    expect(only().input).to.deep.equal({
      QueueUrl: "https://letters",
      MessageBody: '{"Message":"…"}',
      MessageAttributes: { reason: { DataType: "String", StringValue: "channel_not_found" } },
    });
  });
});
