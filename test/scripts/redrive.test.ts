import { LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import sinon from "sinon";
import { Redrive } from "../../scripts/redrive";
import { rejectionOf } from "../thrown";

describe("redrive", () => {
  const deadLettersUrl = "https://dead-letters";
  const make = (bodies: string[]) => {
    const sqs = new SQSClient({ region: "us-east-1" });
    const lambda = new LambdaClient({ region: "us-east-1" });
    const letters = bodies.map((Body, index) => ({ Body, ReceiptHandle: String(index) }));
    const send = sinon.stub(sqs, "send");
    send.callsFake(async command => (command instanceof ReceiveMessageCommand ? { Messages: letters.splice(0, 10) } : {}));
    return { send, invoke: sinon.stub(lambda, "send").resolves({}), redrive: new Redrive(sqs, lambda) };
  };
  const inputsOf = (send: sinon.SinonStub, command: typeof SendMessageCommand | typeof DeleteMessageCommand) =>
    send.args.flatMap(([each]) => (each instanceof command ? [each.input] : []));

  it("gives a queue its messages as they were", async () => {
    const { send, invoke, redrive } = make(['{"id":"a"}', '{"id":"b"}']);

    expect(await redrive.run({ queueUrl: "https://tasks", deadLettersUrl })).to.equal(2);
    expect(inputsOf(send, SendMessageCommand)).to.deep.equal([
      { QueueUrl: "https://tasks", MessageBody: '{"id":"a"}' },
      { QueueUrl: "https://tasks", MessageBody: '{"id":"b"}' },
    ]);
    expect(inputsOf(send, DeleteMessageCommand)).to.deep.equal([
      { QueueUrl: deadLettersUrl, ReceiptHandle: "0" },
      { QueueUrl: deadLettersUrl, ReceiptHandle: "1" },
    ]);
    sinon.assert.notCalled(invoke);
  });

  it("calls a function with the event that it failed on", async () => {
    const event = { Records: [{ Sns: { Message: "{}" } }] };
    const { invoke, redrive } = make([JSON.stringify(event)]);

    expect(await redrive.run({ functionName: "logger", deadLettersUrl })).to.equal(1);
    const { FunctionName, Payload } = invoke.args[0]![0].input as { FunctionName: string; Payload: Buffer };
    expect([FunctionName, JSON.parse(Payload.toString())]).to.deep.equal(["logger", event]);
  });

  it("leaves a letter that can't be handed over", async () => {
    const { send, redrive } = make(["{}"]);

    expect(String(await rejectionOf(redrive.run({ functionName: "logger", deadLettersUrl })))).to.contain("neither an event nor");
    expect(inputsOf(send, DeleteMessageCommand)).to.deep.equal([]);
  });
});
