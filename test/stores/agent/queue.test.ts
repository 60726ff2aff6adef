import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import sinon from "sinon";
import { AgentQueue } from "#stores/agent/queue";

describe("agent-queue", () => {
  const make = (answer: object = {}) => {
    const client = new SQSClient({ region: "us-east-1" });
    const send = sinon.stub(client, "send").resolves(answer);
    return { queue: new AgentQueue(client, "https://tasks"), inputs: () => send.args.map(([command]) => command.input), send };
  };

  it("waits 20 s for up to ten messages, with the given visibility timeout", async () => {
    const { queue, inputs, send } = make();
    const { signal } = new AbortController();
    expect(await queue.receive(50, 120, signal)).to.deep.equal([]);
    expect(send.args[0]![0]).to.be.instanceOf(ReceiveMessageCommand);
    expect(send.args[0]![1]).to.deep.equal({ abortSignal: signal });
    expect(inputs()).to.deep.equal([
      {
        QueueUrl: "https://tasks",
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 20,
        VisibilityTimeout: 120,
        MessageSystemAttributeNames: ["ApproximateReceiveCount", "AWSTraceHeader"],
      },
    ]);
  });

  it("returns the receive count and the trace header of a message", async () => {
    const Messages = [
      { Body: "{}", ReceiptHandle: "r1", Attributes: { ApproximateReceiveCount: "3", AWSTraceHeader: "Root=1-a-b" } },
      { Body: "[]", ReceiptHandle: "r2" },
    ];
    expect(await make({ Messages }).queue.receive(2, 120, new AbortController().signal)).to.deep.equal([
      { body: "{}", handle: "r1", receiveCount: 3, traceHeader: "Root=1-a-b" },
      { body: "[]", handle: "r2", receiveCount: 1 },
    ]);
  });

  it("sends a copy with the same trace, delayed if asked", async () => {
    const { queue, inputs } = make();
    await queue.copy({ body: "{}" });
    await queue.copy({ body: "{}", traceHeader: "Root=1-a-b" }, 30);
    expect(inputs()).to.deep.equal([
      { QueueUrl: "https://tasks", MessageBody: "{}" },
      {
        QueueUrl: "https://tasks",
        MessageBody: "{}",
        DelaySeconds: 30,
        MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: "Root=1-a-b" } },
      },
    ]);
  });

  it("extends and deletes a message by its receipt handle", async () => {
    const { queue, inputs } = make();
    await queue.extend("r1", 120);
    await queue.delete("r1");
    expect(inputs()).to.deep.equal([
      { QueueUrl: "https://tasks", ReceiptHandle: "r1", VisibilityTimeout: 120 },
      { QueueUrl: "https://tasks", ReceiptHandle: "r1" },
    ]);
  });
});
