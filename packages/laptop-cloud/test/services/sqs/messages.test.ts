import { createHash } from "node:crypto";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { declareQueue, refused, startQueues } from "./queue-on-laptop";

type Queues = Awaited<ReturnType<typeof startQueues>>;

describe("sqs messages", () => {
  let laptop: Queues;
  let QueueUrl: string;

  beforeEach(async () => {
    laptop = await startQueues([declareQueue("orders")]);
    QueueUrl = laptop.urlOf("orders");
  });
  afterEach(() => laptop.stop());

  const send = (MessageBody: string, more: object = {}) => laptop.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
  const receive = async (more: object = {}): Promise<Message[]> =>
    (await laptop.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
  const remove = ({ ReceiptHandle }: Message) => laptop.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  const hold = ({ ReceiptHandle }: Message, VisibilityTimeout: number) =>
    laptop.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));

  describe("send and receive", () => {
    it("returns sent messages with attributes, whose MD5s the client checks", async () => {
      const sent = await send("grüße", {
        MessageAttributes: {
          door: { DataType: "String", StringValue: "webhook" },
          raw: { DataType: "Binary", BinaryValue: Buffer.from([0, 255]) },
        },
      });
      const [message] = await receive({ MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"] });
      expect(message!.MessageId).to.equal(sent.MessageId);
      expect(message!.Body).to.equal("grüße");
      expect(message!.MessageAttributes!["door"]!.StringValue).to.equal("webhook");
      expect([...message!.MessageAttributes!["raw"]!.BinaryValue!]).to.deep.equal([0, 255]);
      expect(message!.MD5OfMessageAttributes).to.equal(sent.MD5OfMessageAttributes);
      expect(message!.Attributes).to.include({ ApproximateReceiveCount: "1", SenderId: "000000000000" });
    });

    it("returns the same digests as AWS", async () => {
      // SQS developer guide, "Calculating the MD5 message digest for message attributes": lengths, texts, and 1 for a string value.
      const sent = await send("hello", { MessageAttributes: { a: { DataType: "String", StringValue: "b" } } });
      expect(sent.MD5OfMessageBody).to.equal("5d41402abc4b2a76b9719d911017c592");
      const encoded = Buffer.concat([
        Buffer.from([0, 0, 0, 1]),
        Buffer.from("a"),
        Buffer.from([0, 0, 0, 6]),
        Buffer.from("String"),
        Buffer.from([1, 0, 0, 0, 1]),
        Buffer.from("b"),
      ]);
      expect(sent.MD5OfMessageAttributes).to.equal(createHash("md5").update(encoded).digest("hex"));
    });

    it("returns only the requested attributes", async () => {
      const text = (StringValue: string) => ({ DataType: "String", StringValue });
      await send("x", { MessageAttributes: { "a.one": text("1"), "a.two": text("2"), b: text("3") } });
      const [message] = await receive({ MessageAttributeNames: ["a.*"], AttributeNames: ["SentTimestamp"] });
      expect(Object.keys(message!.MessageAttributes!)).to.have.members(["a.one", "a.two"]);
      expect(Object.keys(message!.Attributes!)).to.deep.equal(["SentTimestamp"]);
    });

    it("does not keep the order of sending", async () => {
      const bodies = Array.from({ length: 10 }, (_, index) => String(index));
      for (const body of bodies) await send(body);
      const received = (await receive()).map(({ Body }) => Body);
      expect(received).to.have.members(bodies).and.not.to.deep.equal(bodies);
    });

    const bad: [string, object, string][] = [
      ["an empty body", { MessageBody: "" }, "MissingParameter"],
      ["a control character", { MessageBody: "a\u0001" }, "InvalidMessageContents"],
      ["a delay over 15 minutes", { DelaySeconds: 901 }, "InvalidParameterValue"],
      ["more than the queue takes", { MessageBody: "x".repeat(262_145) }, "InvalidParameterValue"],
      ["a Number that is not a number", { MessageAttributes: { n: { DataType: "Number", StringValue: "ten" } } }, "InvalidParameterValue"],
      ["an empty attribute", { MessageAttributes: { n: { DataType: "String", StringValue: "" } } }, "InvalidParameterValue"],
      ["an unknown type", { MessageAttributes: { n: { DataType: "Date", StringValue: "1" } } }, "InvalidParameterValue"],
      ["an attribute named AWS.x", { MessageAttributes: { "AWS.x": { DataType: "String", StringValue: "1" } } }, "InvalidParameterValue"],
      ["a parameter of FIFO queues", { MessageDeduplicationId: "x" }, "ValidationException"],
    ];
    for (const [what, input, name] of bad) it(`refuses ${what}`, async () => expect((await refused(send("x", input))).name).to.equal(name));

    it("reports a missing queue in both protocols", async () => {
      const error = await refused(send("x", { QueueUrl: laptop.urlOf("nowhere") }));
      expect(error).to.be.instanceOf(QueueDoesNotExist);
      expect(error.Error?.Code).to.equal("AWS.SimpleQueueService.NonExistentQueue");
    });

    it("finds no queue of another account", async () => {
      const foreign = QueueUrl.replace("/000000000000/", "/111111111111/");
      expect(await refused(send("x", { QueueUrl: foreign }))).to.be.instanceOf(QueueDoesNotExist);
    });

    it("accepts a queue URL of another host, as after a restart", async () => {
      const pinned = new SQSClient({ ...laptop.client, useQueueUrlAsEndpoint: false });
      await pinned.send(new SendMessageCommand({ QueueUrl: "http://127.0.0.1:1/000000000000/orders", MessageBody: "x" }));
      pinned.destroy();
      expect(await receive()).to.have.lengthOf(1);
    });
  });

  describe("visibility", () => {
    it("hides received messages until the timeout, by the cloud's clock", async () => {
      await send("x");
      expect(await receive({ VisibilityTimeout: 30 })).to.have.lengthOf(1);
      expect(await receive()).to.be.empty;
      laptop.cloud.clock.advance(31);
      const [again] = await receive({ MessageSystemAttributeNames: ["ApproximateReceiveCount"] });
      expect(again!.Attributes!.ApproximateReceiveCount).to.equal("2");
    });

    it("delays a message", async () => {
      await send("x", { DelaySeconds: 60 });
      expect(await receive()).to.be.empty;
      laptop.cloud.clock.advance(61);
      expect(await receive()).to.have.lengthOf(1);
    });

    it("extends, ends and limits a visibility timeout", async () => {
      await send("x");
      const [message] = await receive({ VisibilityTimeout: 30 });
      await hold(message!, 100);
      laptop.cloud.clock.advance(60);
      expect(await receive()).to.be.empty;
      expect((await refused(hold(message!, 43_200))).name).to.equal("InvalidParameterValue");
      await hold(message!, 0);
      expect(await receive()).to.have.lengthOf(1);
    });

    it("changes nothing for a message that is not in flight", async () => {
      await send("x");
      const [message] = await receive({ VisibilityTimeout: 30 });
      laptop.cloud.clock.advance(31);
      expect((await refused(hold(message!, 10))).name).to.equal("MessageNotInflight");
    });
  });

  describe("delete", () => {
    it("deletes by the latest receipt only", async () => {
      await send("x");
      const [first] = await receive({ VisibilityTimeout: 1 });
      laptop.cloud.clock.advance(2);
      const [second] = await receive({ VisibilityTimeout: 1 });
      await remove(first!);
      laptop.cloud.clock.advance(2);
      const [third] = await receive({ VisibilityTimeout: 1 });
      expect(third!.MessageId).to.equal(second!.MessageId);
      await remove(third!);
      await remove(third!);
      laptop.cloud.clock.advance(2);
      expect(await receive()).to.be.empty;
    });

    it("refuses an invalid receipt handle", async () => {
      expect((await refused(remove({ ReceiptHandle: "abc" }))).name).to.equal("ReceiptHandleIsInvalid");
    });
  });

  describe("long poll", () => {
    it("is answered when a message arrives", async () => {
      const polling = receive({ WaitTimeSeconds: 20 });
      await eventually(() => laptop.cloud.clock.nextMs() !== undefined);
      await send("x");
      expect(await polling).to.have.lengthOf(1);
    });

    it("is answered when a hidden message becomes visible", async () => {
      await send("x");
      await receive({ VisibilityTimeout: 10 });
      const polling = receive({ WaitTimeSeconds: 20 });
      await eventually(() => laptop.cloud.clock.nextMs() !== undefined);
      laptop.cloud.clock.advance(11);
      expect(await polling).to.have.lengthOf(1);
    });

    it("ends by the cloud's clock", async () => {
      const polling = receive({ WaitTimeSeconds: 20 });
      await eventually(() => laptop.cloud.clock.nextMs() !== undefined);
      laptop.cloud.clock.advance(20);
      expect(await polling).to.be.empty;
    });

    it("receives nothing after the client disconnected", async () => {
      const hangUp = new AbortController();
      const polling = refused(
        laptop.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: hangUp.signal }),
      );
      await eventually(() => laptop.cloud.clock.nextMs() !== undefined);
      hangUp.abort();
      expect((await polling).name).to.equal("AbortError");
      await eventually(() => laptop.cloud.clock.nextMs() === undefined);
      await send("x");
      expect(await receive()).to.have.lengthOf(1);
    });
  });

  describe("batches", () => {
    it("sends and deletes, and reports the failed entries", async () => {
      const sent = await laptop.sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: [
            { Id: "good", MessageBody: "x" },
            { Id: "bad", MessageBody: "y", DelaySeconds: 901 },
          ],
        }),
      );
      expect(sent.Successful!.map(({ Id }) => Id)).to.deep.equal(["good"]);
      expect(sent.Failed).to.have.lengthOf(1);
      expect(sent.Failed![0]).to.include({ Id: "bad", Code: "InvalidParameterValue", SenderFault: true });

      const [message] = await receive();
      const deleted = await laptop.sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl,
          Entries: [
            { Id: "a", ReceiptHandle: message!.ReceiptHandle },
            { Id: "b", ReceiptHandle: "nonsense" },
          ],
        }),
      );
      expect(deleted.Successful!.map(({ Id }) => Id)).to.deep.equal(["a"]);
      expect(deleted.Failed!.map(({ Code }) => Code)).to.deep.equal(["ReceiptHandleIsInvalid"]);
    });

    const bad: [string, { Id: string; MessageBody: string }[], string][] = [
      ["no entries", [], "EmptyBatchRequest"],
      ["eleven", Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: "x" })), "TooManyEntriesInBatchRequest"],
      ["one id twice", ["a", "a"].map(Id => ({ Id, MessageBody: "x" })), "BatchEntryIdsNotDistinct"],
      ["an id with a space", [{ Id: "a b", MessageBody: "x" }], "InvalidBatchEntryId"],
      ["more than 1 MiB in all", ["a", "b"].map(Id => ({ Id, MessageBody: "x".repeat(600_000) })), "BatchRequestTooLong"],
    ];
    for (const [what, Entries, name] of bad) {
      it(`refuses ${what}`, async () => {
        expect((await refused(laptop.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })))).name).to.equal(name);
      });
    }
  });

  describe("retention", () => {
    it("deletes old messages", async () => {
      await send("x");
      laptop.cloud.clock.advance(345_601);
      expect(await receive()).to.be.empty;
      const { Attributes } = await laptop.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
      );
      expect(Attributes!.ApproximateNumberOfMessages).to.equal("0");
    });
  });

  describe("weather", () => {
    it("delivers a message twice, under one id", async () => {
      laptop.cloud.weather.change({ duplicate: 1 });
      const { MessageId } = await send("x");
      expect((await receive()).map(message => message.MessageId)).to.deep.equal([MessageId, MessageId]);
    });

    it("delivers late", async () => {
      laptop.cloud.weather.change({ delayMs: 5000 });
      await send("x");
      expect(await receive()).to.be.empty;
      laptop.cloud.clock.advance(6);
      expect(await receive()).to.have.lengthOf(1);
    });
  });
});
