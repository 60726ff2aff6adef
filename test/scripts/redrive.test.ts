import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import sinon from "sinon";
import { Redrive, script } from "../../scripts/redrive";

describe("redrive", () => {
  const deadLettersUrl = "https://dead-letters";
  const MessageAttributes = { channelType: { DataType: "String", StringValue: "im" } };
  const make = (bodies: string[]) => {
    const sqs = new SQSClient({ region: "us-east-1" });
    const lambda = new LambdaClient({ region: "us-east-1" });
    const beside = { MessageAttributes, Attributes: { MessageGroupId: "T0001" } };
    const letters = bodies.map((Body, index) => ({ Body, MessageId: `m${index}`, ReceiptHandle: String(index), ...beside }));
    const send = sinon.stub(sqs, "send");
    send.callsFake(async command => (command instanceof ReceiveMessageCommand ? { Messages: letters.splice(0, 10) } : {}));
    const firehose = new FirehoseClient({ region: "us-east-1" });
    const stubs = { invoke: sinon.stub(lambda, "send").resolves({}), put: sinon.stub(firehose, "send").resolves({}) };
    return { send, ...stubs, redrive: new Redrive(sqs, lambda, firehose) };
  };
  const inputsOf = (send: sinon.SinonStub, command: typeof SendMessageCommand | typeof DeleteMessageCommand) =>
    send.args.flatMap(([each]) => (each instanceof command ? [each.input] : []));

  it("sends a queue its original messages, with what subscribers and fair queues read beside the body", async () => {
    const { send, invoke, redrive } = make(['{"id":"a"}', '{"id":"b"}']);

    expect(await redrive.run({ queueUrl: "https://tasks", deadLettersUrl })).to.deep.equal({ count: 2, left: [] });
    expect(inputsOf(send, SendMessageCommand)).to.deep.equal([
      { QueueUrl: "https://tasks", MessageBody: '{"id":"a"}', MessageAttributes, MessageGroupId: "T0001" },
      { QueueUrl: "https://tasks", MessageBody: '{"id":"b"}', MessageAttributes, MessageGroupId: "T0001" },
    ]);
    const { MessageAttributeNames, MessageSystemAttributeNames } = (send.args[0]![0] as ReceiveMessageCommand).input;
    expect([MessageAttributeNames, MessageSystemAttributeNames]).to.deep.equal([["All"], ["SentTimestamp", "MessageGroupId"]]);
    expect(inputsOf(send, DeleteMessageCommand)).to.deep.equal([
      { QueueUrl: deadLettersUrl, ReceiptHandle: "0" },
      { QueueUrl: deadLettersUrl, ReceiptHandle: "1" },
    ]);
    sinon.assert.notCalled(invoke);
  });

  it("takes what SNS could not deliver to a queue of messages out of its notification, and leaves it to a queue of notifications", async () => {
    const notification = JSON.stringify({
      Type: "Notification",
      Message: '{"id":"a"}',
      MessageAttributes: { channelType: { Type: "String", Value: "im" } },
    });
    const sentTo = async (queue: { queueUrl: string; isRaw?: boolean }) => {
      const { send, redrive } = make([notification]);
      await redrive.run({ ...queue, deadLettersUrl });
      const [sent] = inputsOf(send, SendMessageCommand) as SendMessageCommandInput[];
      return [sent?.MessageBody, sent?.MessageAttributes];
    };
    expect(await sentTo({ queueUrl: "https://opener", isRaw: true })).to.deep.equal(['{"id":"a"}', MessageAttributes]);
    expect((await sentTo({ queueUrl: "https://notices" }))[0]).to.equal(notification);
  });

  it("invokes a function with the event that it failed on", async () => {
    const event = { Records: [{ Sns: { Message: "{}" } }] };
    const { invoke, redrive } = make([JSON.stringify(event)]);

    expect(await redrive.run({ functionName: "logger", deadLettersUrl })).to.deep.equal({ count: 1, left: [] });
    const { FunctionName, Payload } = invoke.args[0]![0].input as { FunctionName: string; Payload: Buffer };
    expect([FunctionName, JSON.parse(Payload.toString())]).to.deep.equal(["logger", event]);
  });

  it("invokes a function with any event that it failed on, even a schedule's", async () => {
    const event = { "detail-type": "Scheduled Event", lease: "l1" };
    const { invoke, redrive } = make([JSON.stringify(event)]);

    expect(await redrive.run({ functionName: "dibs-release", deadLettersUrl })).to.deep.equal({ count: 1, left: [] });
    const { Payload } = invoke.args[0]![0].input as { Payload: Buffer };
    expect(JSON.parse(Payload.toString())).to.deep.equal(event);
  });

  it("puts a notification into the archive that it missed, as one line", async () => {
    const notification = { Type: "Notification", Message: "{}", MessageAttributes: { door: { Type: "String", Value: "events" } } };
    const { put, redrive } = make([JSON.stringify(notification, null, 2)]);

    expect(await redrive.run({ streamName: "archive", deadLettersUrl })).to.deep.equal({ count: 1, left: [] });
    const { DeliveryStreamName, Record } = put.args[0]![0].input as { DeliveryStreamName: string; Record: { Data: Buffer } };
    expect([DeliveryStreamName, Record.Data.toString()]).to.deep.equal(["archive", `${JSON.stringify(notification)}\n`]);
  });

  it("leaves a dead letter that it can't deliver, and continues with the others", async () => {
    const event = JSON.stringify({ Records: [] });
    const { send, invoke, redrive } = make(["[]", "not JSON", "null", event]);

    const { count, left } = await redrive.run({ functionName: "logger", deadLettersUrl });
    expect(count).to.equal(1);
    expect(left).to.deep.equal(
      [
        ["m0", "[]"],
        ["m1", "not JSON"],
        ["m2", "null"],
      ].map(([id, body]) => `${id}: A dead letter is neither an event nor a notification: ${body}`),
    );
    expect(inputsOf(send, DeleteMessageCommand)).to.deep.equal([{ QueueUrl: deadLettersUrl, ReceiptHandle: "3" }]);
    sinon.assert.calledOnce(invoke);
  });

  it("leaves the dead letters of a missing function, and ends", async () => {
    const { send, invoke, redrive } = make([JSON.stringify({ Records: [] })]);
    const letter = { Body: JSON.stringify({ Records: [] }), MessageId: "m0", ReceiptHandle: "0" };
    send.callsFake(async () => ({ Messages: [letter] }));
    invoke.rejects(new Error("Function not found"));

    expect(await redrive.run({ functionName: "logger", deadLettersUrl })).to.deep.equal({ count: 0, left: ["m0: Function not found"] });
    expect(inputsOf(send, DeleteMessageCommand)).to.deep.equal([]);
  });

  it("lists the names if none is given", async () => {
    const folder = await mkdtemp(join(tmpdir(), "slack-fanout-redrive-"));
    await writeFile(join(folder, "endpoints.json"), JSON.stringify({ outputs: { redrivables: { logger: {}, relay: {} } } }));
    const environment = sinon.stub(process, "env").value({ LOCAL_DIR: folder });
    const given = { options: { stack: "local" }, arguments: [], report: () => {}, progress: () => {} };

    expect(await script.run(given)).to.deep.equal({ text: "logger\nrelay", json: { names: ["logger", "relay"] } });
    environment.restore();
    await rm(folder, { recursive: true });
  });
});
