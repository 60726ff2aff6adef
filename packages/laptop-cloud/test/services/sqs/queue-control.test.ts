import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { NotImitated } from "../../../src/declare";
import { administrator } from "../../../src/kernel/caller";
import type { Declared } from "../../../src/kernel/service";
import { arnOf, declareQueue, refused, startQueues } from "./queue-on-laptop";

describe("sqs queues", () => {
  let laptop: Awaited<ReturnType<typeof startQueues>>;
  beforeEach(async () => {
    laptop = await startQueues([declareQueue("orders", { visibilityTimeoutSeconds: 45, tags: { team: "fanout" } }), declareQueue("dead")]);
  });
  afterEach(() => laptop.stop());

  const attributesOf = async (name: string) =>
    (await laptop.sqs.send(new GetQueueAttributesCommand({ QueueUrl: laptop.urlOf(name), AttributeNames: ["All"] }))).Attributes!;

  it("exist as the program declares them", async () => {
    const { QueueUrl } = await laptop.sqs.send(new GetQueueUrlCommand({ QueueName: "orders" }));
    expect(QueueUrl).to.equal(laptop.urlOf("orders"));
    expect(await attributesOf("orders")).to.include({
      QueueArn: arnOf("orders"),
      VisibilityTimeout: "45",
      DelaySeconds: "0",
      MessageRetentionPeriod: "345600",
      MaximumMessageSize: "262144",
    });
    const { Tags } = await laptop.sqs.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).to.deep.equal({ team: "fanout" });
  });

  it("have the outputs that AWS gives", () => {
    const [resource] = laptop.cloud.inventory.ofType("aws:sqs/queue:Queue");
    expect(resource).to.include({ id: laptop.urlOf("orders") });
    expect(resource!.outputs).to.include({ url: laptop.urlOf("orders"), arn: arnOf("orders"), name: "orders" });
  });

  it("are purged once a minute", async () => {
    const purge = () => laptop.sqs.send(new PurgeQueueCommand({ QueueUrl: laptop.urlOf("orders") }));
    await purge();
    const refusal = await refused(purge());
    expect([refusal.name, refusal.message]).to.deep.equal([
      "PurgeQueueInProgress",
      "Only one PurgeQueue operation on orders is allowed every 60 seconds.",
    ]);
    await laptop.sqs.send(new PurgeQueueCommand({ QueueUrl: laptop.urlOf("dead") }));
    laptop.cloud.clock.advance(60);
    await purge();
  });

  it("are created, listed page by page, and deleted", async () => {
    await laptop.sqs.send(new CreateQueueCommand({ QueueName: "more", Attributes: { DelaySeconds: "5" } }));
    await laptop.sqs.send(new CreateQueueCommand({ QueueName: "more", Attributes: { DelaySeconds: "5" } }));
    const again = laptop.sqs.send(new CreateQueueCommand({ QueueName: "more", Attributes: { DelaySeconds: "6" } }));
    expect((await refused(again)).name).to.equal("QueueNameExists");
    const first = await laptop.sqs.send(new ListQueuesCommand({ MaxResults: 2 }));
    const second = await laptop.sqs.send(new ListQueuesCommand({ MaxResults: 2, NextToken: first.NextToken }));
    expect([first.QueueUrls, second.QueueUrls]).to.deep.equal([[laptop.urlOf("dead"), laptop.urlOf("more")], [laptop.urlOf("orders")]]);
    await laptop.sqs.send(new DeleteQueueCommand({ QueueUrl: laptop.urlOf("more") }));
    expect((await refused(laptop.sqs.send(new GetQueueUrlCommand({ QueueName: "more" })))).name).to.equal("QueueDoesNotExist");
  });

  it("count their messages, and purge them", async () => {
    const QueueUrl = laptop.urlOf("orders");
    for (const DelaySeconds of [0, 0, 60]) await laptop.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x", DelaySeconds }));
    await laptop.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const counts = {
      ApproximateNumberOfMessages: "1",
      ApproximateNumberOfMessagesNotVisible: "1",
      ApproximateNumberOfMessagesDelayed: "1",
    };
    expect(await attributesOf("orders")).to.include(counts);
    await laptop.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await attributesOf("orders")).to.include({ ApproximateNumberOfMessages: "0", ApproximateNumberOfMessagesNotVisible: "0" });
  });

  it("return the age of their oldest message if a request names it", async () => {
    const QueueUrl = laptop.urlOf("orders");
    await laptop.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "x" }));
    laptop.cloud.clock.advance(90);
    const input = { QueueUrl, AttributeNames: ["ApproximateAgeOfOldestMessage"] };
    const { Attributes } = await laptop.cloud.call("sqs", "GetQueueAttributes", input, administrator);
    expect(Number(Attributes.ApproximateAgeOfOldestMessage)).to.be.within(90, 150);
    expect(await attributesOf("orders")).not.to.have.property("ApproximateAgeOfOldestMessage");
  });

  it("are tagged", async () => {
    const QueueUrl = laptop.urlOf("orders");
    await laptop.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: "1", b: "2" } }));
    await laptop.sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["a", "team"] }));
    expect((await laptop.sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).to.deep.equal({ b: "2" });
  });

  const redrive = (changes: object) => JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 3, ...changes });
  const bad: [string, Record<string, string>, string][] = [
    ["an unknown attribute", { Colour: "red" }, "InvalidAttributeName"],
    ["a FIFO attribute", { ContentBasedDeduplication: "true" }, "InvalidAttributeName"],
    ["a timeout over 12 hours", { VisibilityTimeout: "43201" }, "InvalidAttributeValue"],
    ["a delay that is not a number", { DelaySeconds: "soon" }, "InvalidAttributeValue"],
    ["a policy that is not JSON", { Policy: "{" }, "InvalidAttributeValue"],
    ["a dead-letter queue that is not there", { RedrivePolicy: redrive({ deadLetterTargetArn: arnOf("gone") }) }, "InvalidAttributeValue"],
    ["no receives at all", { RedrivePolicy: redrive({ maxReceiveCount: 0 }) }, "InvalidAttributeValue"],
    ["an unknown permission", { RedriveAllowPolicy: '{"redrivePermission": "some"}' }, "InvalidAttributeValue"],
  ];
  for (const [what, Attributes, name] of bad) {
    it(`refuse ${what}`, async () => {
      const set = laptop.sqs.send(new SetQueueAttributesCommand({ QueueUrl: laptop.urlOf("orders"), Attributes }));
      expect((await refused(set)).name).to.equal(name);
    });
  }

  it("need the permission of the dead-letter queue", async () => {
    const allow = (RedriveAllowPolicy: object) =>
      laptop.sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl: laptop.urlOf("dead"),
          Attributes: { RedriveAllowPolicy: JSON.stringify(RedriveAllowPolicy) },
        }),
      );
    const point = () =>
      laptop.sqs.send(new SetQueueAttributesCommand({ QueueUrl: laptop.urlOf("orders"), Attributes: { RedrivePolicy: redrive({}) } }));
    await allow({ redrivePermission: "denyAll" });
    expect((await refused(point())).name).to.equal("InvalidAttributeValue");
    await allow({ redrivePermission: "byQueue", sourceQueueArns: [arnOf("others")] });
    expect((await refused(point())).name).to.equal("InvalidAttributeValue");
    await allow({ redrivePermission: "byQueue", sourceQueueArns: [arnOf("orders")] });
    await point();
    expect((await attributesOf("orders"))["RedrivePolicy"]).to.equal(redrive({}));
  });

  describe("policy", () => {
    const sourceArn = "arn:aws:sns:us-east-1:000000000000:messages";
    const sendAs = (source: string) =>
      laptop.cloud.call(
        "sqs",
        "SendMessage",
        { QueueUrl: laptop.urlOf("orders"), MessageBody: "x" },
        { kind: "service", principal: "sns.amazonaws.com", sourceArn: source },
      );
    const allowSns = (QueueUrl: string) =>
      laptop.sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl,
          Attributes: {
            Policy: JSON.stringify({
              Version: "2012-10-17",
              Statement: [
                {
                  Effect: "Allow",
                  Principal: { Service: "sns.amazonaws.com" },
                  Action: "sqs:SendMessage",
                  Resource: arnOf("orders"),
                  Condition: { ArnEquals: { "aws:SourceArn": sourceArn } },
                },
              ],
            }),
          },
        }),
      );

    it("lets a service send for the resource that it names, and for no other", async () => {
      expect(await refused(sendAs(sourceArn))).to.include({ code: "AccessDeniedException" });
      await allowSns(laptop.urlOf("orders"));
      expect(await sendAs(sourceArn)).to.have.property("MessageId");
      expect(await refused(sendAs(`${sourceArn}-of-others`))).to.include({ code: "AccessDeniedException" });
    });
  });
});

describe("sqs declarations", () => {
  const bad: [string, Declared, RegExp][] = [
    ["a FIFO queue", declareQueue("orders", { fifoQueue: true }), /fifoQueue of "orders" is true/],
    ["a name with a dot", declareQueue("orders", { name: "or.ders" }), /name is "or.ders"/],
    ["a timeout over 12 hours", declareQueue("orders", { visibilityTimeoutSeconds: 43_201 }), /VisibilityTimeout: 43201/],
    ["a prefix", declareQueue("orders", { namePrefix: "or" }), /sets namePrefix/],
  ];
  for (const [what, resource, reason] of bad) {
    it(`are refused for ${what}`, async () => {
      const error = await refused(startQueues([resource]));
      expect(error).to.be.instanceOf(NotImitated);
      expect(error.message).to.match(reason);
    });
  }

  it("may refer to a dead-letter queue and policies that are declared later", async () => {
    const laptop = await startQueues([
      declareQueue("orders"),
      {
        type: "aws:sqs/redrivePolicy:RedrivePolicy",
        name: "orders-redrive",
        inputs: {
          queueUrl: "http://127.0.0.1/000000000000/orders",
          redrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 2 }),
        },
      },
      declareQueue("dead"),
    ]);
    const { Attributes } = await laptop.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: laptop.urlOf("orders"), AttributeNames: ["RedrivePolicy"] }),
    );
    await laptop.stop();
    expect(JSON.parse(Attributes!["RedrivePolicy"]!)).to.deep.equal({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 2 });
  });

  it("are refused for a policy of a missing queue", async () => {
    const policy = {
      type: "aws:sqs/queuePolicy:QueuePolicy",
      name: "stray",
      inputs: { queueUrl: "http://x/000000000000/gone", policy: '{"Statement":[]}' },
    };
    expect((await refused(startQueues([declareQueue("orders"), policy]))).message).to.match(/"stray" is for the queue .*gone/);
  });

  it("are refused for a missing dead-letter queue", async () => {
    const redrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("gone"), maxReceiveCount: 2 });
    expect((await refused(startQueues([declareQueue("orders", { redrivePolicy })]))).message).to.match(/gone.*does not exist/s);
  });
});
