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

  it("changes the visibility timeout of a message", async () => {
    const { queue, only } = make();
    await queue.postpone("receipt", 90);
    expect(only()).to.be.instanceOf(ChangeMessageVisibilityCommand);
    expect(only().input).to.deep.equal({ QueueUrl: "https://notices", ReceiptHandle: "receipt", VisibilityTimeout: 90 });
  });

  it("limits the visibility timeout to SQS's twelve hours", async () => {
    const { queue, only } = make();
    await queue.postpone("receipt", 86_400);
    expect(only().input).to.include({ VisibilityTimeout: 43_200 });
  });

  it("sends a copy that names the holder of the notice, delayed by at most a quarter of an hour", async () => {
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

  it("sends an undeliverable message to the dead-letter queue, with the reason, which SQS does not accept empty", async () => {
    for (const [reason, StringValue] of [
      ["channel_not_found", "channel_not_found"],
      [new AggregateError([], "").message, "unknown"],
    ] as const) {
      const { queue, only } = make();
      await queue.giveUp('{"Message":"…"}', reason);
      expect(only()).to.be.instanceOf(SendMessageCommand);
      expect(only().input).to.deep.equal({
        QueueUrl: "https://letters",
        MessageBody: '{"Message":"…"}',
        MessageAttributes: { reason: { DataType: "String", StringValue } },
      });
    }
  });
});
