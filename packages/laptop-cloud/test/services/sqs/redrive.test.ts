import {
  CancelMessageMoveTaskCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { arnOf, declareQueue, refused, startQueues } from "./queue-on-laptop";

describe("sqs redrive", () => {
  let laptop: Awaited<ReturnType<typeof startQueues>>;
  beforeEach(async () => {
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 2 });
    laptop = await startQueues([declareQueue("orders", { redrivePolicy }), declareQueue("dead"), declareQueue("elsewhere")]);
  });
  afterEach(() => laptop.stop());

  const send = (name: string, MessageBody: string) =>
    laptop.sqs.send(new SendMessageCommand({ QueueUrl: laptop.urlOf(name), MessageBody }));
  const receive = async (name: string, VisibilityTimeout = 0) => {
    const { Messages = [] } = await laptop.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: laptop.urlOf(name),
        MaxNumberOfMessages: 10,
        VisibilityTimeout,
        MessageSystemAttributeNames: ["All"],
      }),
    );
    return Messages;
  };
  const die = async (count: number) => {
    for (let sent = 0; sent < count; sent++) await send("orders", String(sent));
    for (const left of [count, count, 0]) {
      let received = 0;
      while (received < left) received += (await receive("orders", 100)).length;
      laptop.cloud.clock.advance(101);
      if (left === 0) while ((await receive("orders")).length > 0);
    }
  };
  const start = (more: object = {}) => laptop.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf("dead"), ...more }));
  const latest = async () => (await laptop.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: arnOf("dead") }))).Results![0]!;

  it("moves a message that was received too often, with its id and its count", async () => {
    const { MessageId } = await send("orders", "x");
    await receive("orders");
    await receive("orders");
    expect(await receive("orders")).to.be.empty;
    const [dead] = await receive("dead");
    expect(dead).to.include({ MessageId, Body: "x" });
    expect(dead!.Attributes).to.include({ ApproximateReceiveCount: "3", DeadLetterQueueSourceArn: arnOf("orders") });
    expect(laptop.cloud.occurrences.all().find(({ kind }) => kind === "dead-letter")).to.include({ from: "orders", to: "dead" });
  });

  it("lists the sources of a dead-letter queue", async () => {
    const { queueUrls } = await laptop.sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: laptop.urlOf("dead") }));
    expect(queueUrls).to.deep.equal([laptop.urlOf("orders")]);
  });

  it("moves dead letters to their source queues, as new messages", async () => {
    await die(3);
    await start();
    await eventually(async () => (await latest()).Status === "COMPLETED");
    expect(await latest()).to.include({ ApproximateNumberOfMessagesMoved: 3, ApproximateNumberOfMessagesToMove: 3 });
    const home = await receive("orders", 30);
    expect(home.map(({ Body }) => Body)).to.have.members(["0", "1", "2"]);
    expect(home.every(({ Attributes }) => Attributes!.ApproximateReceiveCount === "1")).to.equal(true);
    expect(await receive("dead")).to.be.empty;
  });

  it("moves them to another queue, at the requested rate, until it is cancelled", async () => {
    // One batch, whose last message would move after nine seconds.
    await die(10);
    const { TaskHandle } = await start({ DestinationArn: arnOf("elsewhere"), MaxNumberOfMessagesPerSecond: 1 });
    await eventually(async () => (await latest()).ApproximateNumberOfMessagesMoved! >= 1);
    expect((await refused(start())).name).to.equal("UnsupportedOperation");
    await laptop.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    const { Status, ApproximateNumberOfMessagesMoved: moved } = await latest();
    expect(Status).to.equal("CANCELLED");
    expect(moved).to.be.lessThan(10);
    laptop.cloud.clock.advance(10);
    expect(await receive("elsewhere", 30)).to.have.lengthOf(moved!);
    expect(await receive("dead")).to.have.lengthOf(10 - moved!);
  });

  it("keeps the requested rate by the cloud's clock", async () => {
    await die(2);
    await start({ MaxNumberOfMessagesPerSecond: 1 });
    await eventually(async () => (await latest()).ApproximateNumberOfMessagesMoved! >= 1);
    laptop.cloud.clock.advance(1);
    await eventually(async () => (await latest()).Status === "COMPLETED");
  });

  it("fails for messages without a source queue, as from SNS", async () => {
    await send("dead", "from elsewhere");
    await start();
    await eventually(async () => (await latest()).Status === "FAILED");
    expect(await latest()).to.include({ FailureReason: "CouldNotDetermineMessageSource" });
    expect(await receive("dead")).to.have.lengthOf(1);
  });

  it("accepts dead-letter queues only", async () => {
    const error = await refused(laptop.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf("elsewhere") })));
    expect(error.message).to.match(/Dead Letter Queue/);
    const missing = await refused(laptop.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf("nowhere") })));
    expect(missing.name).to.equal("ResourceNotFoundException");
  });
});
