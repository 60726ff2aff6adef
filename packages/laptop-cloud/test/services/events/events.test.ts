import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateEventBusCommand,
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import { GetBucketNotificationConfigurationCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DeleteMessageCommand, GetQueueUrlCommand, type Message, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, rejectionOf, startKillableCloud, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { AwsError } from "../../../src/kernel/aws-error";
import type { Declared } from "../../../src/kernel/service";
import { events } from "../../../src/services/events";
import { iam } from "../../../src/services/iam";
import { s3 } from "../../../src/services/s3";
import { sqs } from "../../../src/services/sqs";
import { createSibling } from "../../sibling";
import { arnOf, bus, queue, queueArn, rule, target } from "./program";

/** Lambda with a server error in every call. */
const failingLambda = createSibling("lambda", {
  Invoke: () => {
    throw new AwsError("ServiceException", "out of order", 500);
  },
}).definition;

describe("eventbridge", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: EventBridgeClient;
  let queues: SQSClient;

  const start = async (...resources: Declared[]) => {
    laptop = await startLaptop({ definitions: [iam, sqs, s3, failingLambda, events], resources, directory });
    client = new EventBridgeClient({ ...laptop.client, maxAttempts: 1 });
    queues = new SQSClient(laptop.client);
  };
  const put = (entry: Partial<PutEventsRequestEntry> = {}) =>
    client.send(new PutEventsCommand({ Entries: [{ Source: "shop", DetailType: "order", Detail: '{"total":5}', ...entry }] }));
  const receive = async (name: string): Promise<Message[]> => {
    const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName: name }));
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] });
    const { Messages = [] } = await queues.send(command);
    for (const { ReceiptHandle } of Messages) await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return Messages;
  };
  const received = async (name: string) => (await eventually(async () => (await receive(name))[0])).Body!;
  const orders = (inputs: Declared["inputs"] = {}) => rule("orders", { eventPattern: '{"source":["shop"]}', ...inputs });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(async () => {
    await laptop.stop();
    await rm(directory, { recursive: true, force: true });
  });

  describe("custom events", () => {
    it("reach the targets of matching rules on the same bus, in AWS's format", async () => {
      await start(
        ...queue("inbox"),
        bus("shop"),
        orders({ eventBusName: "shop", eventPattern: '{"detail":{"total":[{"numeric":[">",3]}]}}' }),
        target("orders", queueArn("inbox"), { eventBusName: "shop" }),
      );

      const { Entries } = await put({ EventBusName: "shop", Resources: ["table/4"], Time: new Date("2026-01-02T03:04:05Z") });
      await put({ EventBusName: "shop", Detail: '{"total":1}' });
      await put();

      expect(JSON.parse(await received("inbox"))).to.deep.equal({
        version: "0",
        id: Entries![0]!.EventId,
        "detail-type": "order",
        source: "shop",
        account: "000000000000",
        time: "2026-01-02T03:04:05Z",
        region: "us-east-1",
        resources: ["table/4"],
        detail: { total: 5 },
      });
      expect(await receive("inbox")).to.deep.equal([]);
    });

    const inputs: [title: string, inputs: Declared["inputs"], expected: string][] = [
      ["a constant", { input: '"hello"' }, '"hello"'],
      ["a part", { inputPath: "$.detail" }, '{"total":5,"by":"\\"Ada\\""}'],
      [
        "a JSON template",
        {
          inputTransformer: {
            inputPaths: { total: "$.detail.total", by: "$.detail.by", none: "$.detail.none" },
            inputTemplate: '{"a": <total>, "b": "<total> by <by>", "c": <by>, "d": <none>, "e": "<aws.events.rule-name>", "f": "<other>"}',
          },
        },
        '{"a": 5, "b": "5 by \\"Ada\\"", "c": "\\"Ada\\"", "d": "", "e": "orders", "f": "<other>"}',
      ],
      [
        "a text template",
        { inputTransformer: { inputPaths: { kind: "$.detail-type" }, inputTemplate: '"A new <kind>."' } },
        '"A new order."',
      ],
    ];
    for (const [title, input, expected] of inputs)
      it(`become ${title}`, async () => {
        await start(...queue("inbox"), orders(), target("orders", queueArn("inbox"), input));
        await put({ Detail: '{"total":5,"by":"\\"Ada\\""}' });
        expect(await received("inbox")).to.equal(expected);
      });

    it("fail one by one", async () => {
      await start();
      const entries = [{ Source: undefined }, { Detail: "[]" }, { Source: "aws.s3" }, { EventBusName: "none" }, {}];
      const outcomes = [];
      for (const entry of entries) outcomes.push((await put(entry)).Entries![0]!.ErrorCode);
      expect(outcomes).to.deep.equal([
        "InvalidArgument",
        "MalformedDetail",
        "NotAuthorizedForSourceException",
        "ResourceNotFoundException",
        undefined,
      ]);
    });
  });

  describe("deliveries", () => {
    it("that the target's policy refuses go to the dead-letter queue at once", async () => {
      await start(
        ...queue("closed", { isOpen: false }),
        ...queue("dead"),
        orders(),
        target("orders", queueArn("closed"), { inputPath: "$.detail", deadLetterConfig: { arn: queueArn("dead") } }),
      );
      await put();

      const [message] = await eventually(async () => {
        const messages = await receive("dead");
        return messages.length > 0 && messages;
      });
      expect(JSON.parse(message!.Body!).detail).to.deep.equal({ total: 5 });
      const { RULE_ARN, TARGET_ARN, ERROR_CODE, RETRY_ATTEMPTS, EXHAUSTED_RETRY_CONDITION } = message!.MessageAttributes!;
      expect([RULE_ARN, TARGET_ARN, ERROR_CODE, RETRY_ATTEMPTS].map(value => value!.StringValue)).to.deep.equal([
        arnOf("events", "rule/orders"),
        queueArn("closed"),
        "NO_PERMISSIONS",
        "0",
      ]);
      expect(EXHAUSTED_RETRY_CONDITION).to.equal(undefined);
    });

    it("are retried as often as the target says, and then go to the dead-letter queue", async () => {
      const settings = { retryPolicy: { maximumRetryAttempts: 2 }, deadLetterConfig: { arn: queueArn("dead") } };
      await start(...queue("dead"), orders(), target("orders", arnOf("lambda", "function:work"), settings));
      await put();

      const message = await eventually(async () => {
        laptop.cloud.clock.advance(2);
        return (await receive("dead"))[0];
      });
      const { ERROR_MESSAGE, RETRY_ATTEMPTS, EXHAUSTED_RETRY_CONDITION } = message.MessageAttributes!;
      expect([ERROR_MESSAGE, RETRY_ATTEMPTS, EXHAUSTED_RETRY_CONDITION].map(value => value!.StringValue)).to.deep.equal([
        "out of order",
        "2",
        "MaximumRetryAttempts",
      ]);
    });

    it("are repeated after kill -9", async () => {
      const { kill } = await startKillableCloud(join(__dirname, "killable-cloud.ts"), { args: [directory] });
      await kill();
      await start(...queue("inbox"), orders(), target("orders", queueArn("inbox")));
      expect(JSON.parse(await received("inbox")).detail).to.deep.equal({ total: 5 });
    });
  });

  it("continues a rule's schedule from now after the clock goes back", async () => {
    await start(...queue("inbox"), rule("hourly", { scheduleExpression: "rate(1 hour)" }), target("hourly", queueArn("inbox")));
    laptop.cloud.clock.advance(2 * 86_400);
    await received("inbox");

    await laptop.cloud.clock.goBack();
    laptop.cloud.clock.advance(3600);
    expect(JSON.parse(await received("inbox")).source).to.equal("aws.events");
  });

  it("fires scheduled rules on time, and not while they are disabled", async () => {
    await start(...queue("inbox"), rule("hourly", { scheduleExpression: "rate(1 hour)" }), target("hourly", queueArn("inbox")));

    laptop.cloud.clock.advance(3600);
    const event = JSON.parse(await received("inbox"));
    expect(event).to.include({ "detail-type": "Scheduled Event", source: "aws.events" });
    expect(event).to.deep.include({ resources: [arnOf("events", "rule/hourly")], detail: {} });

    await client.send(new DisableRuleCommand({ Name: "hourly" }));
    laptop.cloud.clock.advance(3600);
    expect(await receive("inbox")).to.deep.equal([]);
    await client.send(new EnableRuleCommand({ Name: "hourly" }));
    laptop.cloud.clock.advance(3600);
    expect(JSON.parse(await received("inbox")).source).to.equal("aws.events");
  });

  it("receives the events of a bucket that sends them", async () => {
    await start(
      ...queue("inbox"),
      { type: "aws:s3/bucket:Bucket", name: "photos", inputs: { bucket: "photos" } },
      { type: "aws:s3/bucketNotification:BucketNotification", name: "photos", inputs: { bucket: "photos", eventbridge: true } },
      rule("created", {
        eventPattern: '{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"object":{"key":[{"suffix":".png"}]}}}',
      }),
      target("created", queueArn("inbox")),
    );
    const s3Client = new S3Client({ ...laptop.client, forcePathStyle: true });
    await s3Client.send(new PutObjectCommand({ Bucket: "photos", Key: "a b.txt", Body: "no" }));
    await s3Client.send(new PutObjectCommand({ Bucket: "photos", Key: "a b.png", Body: "yes" }));

    const { source, resources, detail } = JSON.parse(await received("inbox"));
    expect({ source, resources }).to.deep.equal({ source: "aws.s3", resources: ["arn:aws:s3:::photos"] });
    expect(detail).to.deep.include({ version: "0", bucket: { name: "photos" }, reason: "PutObject", requester: "000000000000" });
    expect(detail.object).to.include({ key: "a b.png", size: 3 });
    const { EventBridgeConfiguration } = await s3Client.send(new GetBucketNotificationConfigurationCommand({ Bucket: "photos" }));
    expect(EventBridgeConfiguration).to.deep.equal({});
  });

  describe("the API", () => {
    it("creates buses, rules and targets, which work and survive a restart", async () => {
      await start(...queue("inbox"));
      await client.send(new CreateEventBusCommand({ Name: "shop" }));
      await client.send(new PutRuleCommand({ Name: "any", EventBusName: "shop", EventPattern: '{"source":[{"prefix":"sh"}]}' }));
      const Targets = [{ Id: "1", Arn: queueArn("inbox") }];
      await client.send(new PutTargetsCommand({ Rule: "any", EventBusName: "shop", Targets }));
      await laptop.stop();
      await start(...queue("inbox"));

      await put({ EventBusName: arnOf("events", "event-bus/shop") });
      expect(JSON.parse(await received("inbox")).source).to.equal("shop");
      const { EventBuses } = await client.send(new ListEventBusesCommand());
      expect(EventBuses!.map(({ Name }) => Name)).to.deep.equal(["default", "shop"]);
      expect(await client.send(new ListTargetsByRuleCommand({ Rule: "any", EventBusName: "shop" }))).to.deep.include({ Targets });
    });

    it("deletes a rule after its targets", async () => {
      await start(...queue("inbox"));
      await client.send(new PutRuleCommand({ Name: "any", EventPattern: "{}", ScheduleExpression: "rate(1 day)" }));
      await client.send(new PutTargetsCommand({ Rule: "any", Targets: [{ Id: "1", Arn: queueArn("inbox") }] }));

      const early = await rejectionOf<Error>(client.send(new DeleteRuleCommand({ Name: "any" })));
      expect(early.message).to.contain("since it has targets");
      await client.send(new RemoveTargetsCommand({ Rule: "any", Ids: ["1"] }));
      await client.send(new DeleteRuleCommand({ Name: "any" }));
      expect((await client.send(new ListRulesCommand())).Rules).to.deep.equal([]);
      expect((await rejectionOf<Error>(client.send(new DescribeRuleCommand({ Name: "any" })))).name).to.equal("ResourceNotFoundException");
    });

    for (const ScheduleExpression of ["rate(1 hours)", "rate(5 hour)"]) {
      it(`refuses ${ScheduleExpression}, whose unit has the wrong number`, async () => {
        await start();
        const refusal = await rejectionOf<Error>(client.send(new PutRuleCommand({ Name: "any", ScheduleExpression })));
        expect(refusal.message).to.match(/^Parameter ScheduleExpression is not valid\. .* must be (singular|plural)\.$/);
      });
    }

    it("tests patterns", async () => {
      await start();
      const Event = JSON.stringify({ id: "1", account: "1", source: "shop", time: "", region: "", resources: [], "detail-type": "x" });
      const test = async (EventPattern: string) => (await client.send(new TestEventPatternCommand({ Event, EventPattern }))).Result;
      expect(await test('{"source":[{"wildcard":"s*p"}]}')).to.equal(true);
      expect(await test('{"source":["other"]}')).to.equal(false);
      expect((await rejectionOf<Error>(test('{"source":"shop"}'))).name).to.equal("InvalidEventPatternException");
    });

    it("refuses what is not imitated by name", async () => {
      await start();
      await client.send(new PutRuleCommand({ Name: "any", EventPattern: '{"source":["shop"]}' }));
      const Targets = [{ Id: "1", Arn: arnOf("ecs", "cluster/jobs"), EcsParameters: { TaskDefinitionArn: "x" } }];
      const { FailedEntries } = await client.send(new PutTargetsCommand({ Rule: "any", Targets }));
      expect(FailedEntries![0]!.ErrorMessage).to.contain("does not imitate EcsParameters");
      const { check } = events.resources["aws:cloudwatch/eventTarget:EventTarget"]!;
      expect(check!(target("any", arnOf("kinesis", "stream/s")))).to.contain("does not imitate the target");
    });
  });
});
