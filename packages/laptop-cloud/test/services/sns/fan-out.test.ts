import { PublishBatchCommand, PublishCommand, type PublishCommandInput } from "@aws-sdk/client-sns";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { AwsError } from "../../../src/kernel/aws-error";
import { refused } from "../sqs/queue-on-laptop";
import { declareQueue, declareSubscription, declareTopic, functionArn, queueArn, startTopics, topicArn } from "./topics-on-laptop";

const envelope = JSON.stringify({ specversion: "1.0", id: "T0001-C0001-1.2-webhook", data: { text: "some words" } });

describe("sns fan-out", () => {
  let laptop: Awaited<ReturnType<typeof startTopics>>;

  beforeEach(async () => {
    laptop = await startTopics([
      declareTopic(),
      declareQueue("audit"),
      declareQueue("raw"),
      declareQueue("closed", { policy: undefined }),
      declareQueue("dead"),
      declareSubscription("multiplier", {
        protocol: "lambda",
        endpoint: functionArn("multiplier"),
        filterPolicy: JSON.stringify({ replayTo: [{ exists: false }, "multiplier"] }),
        redrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("dead") }),
      }),
      declareSubscription("audit", { protocol: "sqs", endpoint: queueArn("audit") }),
      declareSubscription("raw", {
        protocol: "sqs",
        endpoint: queueArn("raw"),
        rawMessageDelivery: true,
        filterPolicyScope: "MessageBody",
        filterPolicy: JSON.stringify({ data: { text: [{ prefix: "some" }] } }),
      }),
    ]);
  });
  afterEach(() => laptop.stop());

  const publish = (Message: string, more: Partial<PublishCommandInput> = {}) =>
    laptop.sns.send(new PublishCommand({ TopicArn: topicArn, Message, ...more }));
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  const kinds = () => laptop.cloud.occurrences.ofMessage("T0001-C0001-1.2-webhook").map(({ kind }) => kind);

  describe("to functions", () => {
    it("invokes with SNS's event", async () => {
      const { MessageId } = await publish(envelope, { Subject: "Hello", MessageAttributes: { door: text("webhook") } });
      const [invocation] = await eventually(() => laptop.lambda.invocations.length > 0 && laptop.lambda.invocations);
      const [record] = invocation!.event.Records;
      expect(invocation!.functionName).to.equal(functionArn("multiplier"));
      expect(invocation!.caller).to.include({ kind: "service", principal: "sns.amazonaws.com", sourceArn: topicArn });
      expect(record).to.include({ EventSource: "aws:sns", EventVersion: "1.0" });
      expect(record.EventSubscriptionArn).to.match(/^arn:aws:sns:us-east-1:000000000000:messages:[0-9a-f-]{36}$/);
      expect(record.Sns).to.include({ Type: "Notification", MessageId, TopicArn: topicArn, Subject: "Hello", Message: envelope });
      expect(record.Sns.MessageAttributes).to.deep.equal({ door: { Type: "String", Value: "webhook" } });
    });

    it("skips subscribers whose filter policy does not match", async () => {
      await publish("x", { MessageAttributes: { replayTo: text("logger") } });
      await eventually(async () => (await laptop.receive("audit")).length > 0);
      expect(laptop.lambda.invocations).to.be.empty;
    });
  });

  describe("to queues", () => {
    it("wraps the message, or delivers it raw", async () => {
      const { MessageId } = await publish(envelope, { MessageAttributes: { door: text("webhook") } });
      const [wrapped] = await eventually(async () => (await laptop.receive("audit")).slice(0, 1));
      const body = JSON.parse(wrapped!.Body!);
      expect(body).to.include({ Type: "Notification", MessageId, TopicArn: topicArn, Message: envelope });
      expect(body.MessageAttributes).to.deep.equal({ door: { Type: "String", Value: "webhook" } });
      expect(wrapped!.MessageAttributes).to.equal(undefined);

      const raw = await eventually(async () => {
        const [message] = await laptop.receive("raw");
        return message;
      });
      expect(raw.Body).to.equal(envelope);
      expect(raw.MessageAttributes!["door"]!.StringValue).to.equal("webhook");
    });

    it("passes on the message's group", async () => {
      await publish(envelope, { MessageGroupId: "T0001" });
      const [wrapped] = await eventually(async () => (await laptop.receive("audit")).slice(0, 1));
      expect(wrapped!.Attributes).to.include({ MessageGroupId: "T0001" });
    });

    it("filters by the body", async () => {
      await publish(JSON.stringify({ data: { text: "other words" } }));
      await publish("no JSON at all");
      await eventually(async () => (await laptop.receive("audit")).length > 0);
      expect(await laptop.receive("raw")).to.be.empty;
    });

    it("gives each protocol its own text", async () => {
      await publish(JSON.stringify({ default: "for all", sqs: "for queues" }), { MessageStructure: "json" });
      const [wrapped] = await eventually(async () => (await laptop.receive("audit")).slice(0, 1));
      expect(JSON.parse(wrapped!.Body!).Message).to.equal("for queues");
      await eventually(() => laptop.lambda.invocations[0]?.event.Records[0].Sns.Message === "for all");
    });
  });

  describe("one trace", () => {
    it("continues from the publication to every subscriber", async () => {
      await publish(envelope);
      const [message] = await eventually(async () => (await laptop.receive("audit")).slice(0, 1));
      await eventually(() => laptop.lambda.invocations.length > 0);
      expect(message!.Attributes!.AWSTraceHeader).to.equal(`Root=${laptop.lambda.invocations[0]!.caller.trace}`);
      await eventually(() => kinds().filter(kind => kind === "deliver").length === 3);
      expect(kinds()).to.include("publish");
    });
  });

  describe("when a subscriber fails", () => {
    it("retries as SNS does, by the cloud's clock", async () => {
      laptop.lambda.answer = () => {
        throw new AwsError("ServiceException", "not now", 500);
      };
      await publish("x");
      // The first attempt, three retries at once, and then one per second.
      await eventually(() => laptop.lambda.attempts === 4);
      laptop.lambda.answer = () => {};
      laptop.cloud.clock.advance(1);
      await eventually(() => laptop.lambda.invocations.length === 1);
      expect(laptop.lambda.attempts).to.equal(5);
    });

    it("sends refused messages to the dead-letter queue at once", async () => {
      laptop.lambda.answer = () => {
        throw new AwsError("ResourceNotFoundException", "Function not found", 404);
      };
      const { MessageId } = await publish(envelope, { MessageAttributes: { door: text("webhook") } });
      const [dead] = await eventually(async () => (await laptop.receive("dead")).slice(0, 1));
      expect(JSON.parse(dead!.Body!)).to.include({ Type: "Notification", MessageId, Message: envelope });
      expect(JSON.parse(dead!.Body!).MessageAttributes).to.deep.equal({ door: { Type: "String", Value: "webhook" } });
      expect(dead!.MessageAttributes!["ErrorCode"]!.StringValue).to.equal("ResourceNotFoundException");
      expect(laptop.lambda.attempts).to.equal(1);
      expect(kinds()).to.include("dead-letter");
    });

    it("retries throttled calls", async () => {
      laptop.lambda.answer = () => {
        laptop.lambda.answer = () => {};
        throw new AwsError("TooManyRequestsException", "slow down", 429);
      };
      await publish("x");
      await eventually(() => laptop.lambda.invocations.length === 1);
    });

    it("drops messages without a dead-letter queue, and logs it", async () => {
      const closed = await startTopics([
        declareTopic(),
        declareQueue("closed", { policy: undefined }),
        declareSubscription("closed", { protocol: "sqs", endpoint: queueArn("closed") }),
      ]);
      try {
        await closed.sns.send(new PublishCommand({ TopicArn: topicArn, Message: "x" }));
        const { detail } = await eventually(() => closed.cloud.occurrences.all().find(({ kind }) => kind === "dead-letter"));
        expect(detail!["error"]).to.match(/AccessDenied/);
        expect(await closed.receive("closed")).to.be.empty;
      } finally {
        await closed.stop();
      }
    });
  });

  describe("when the dead-letter queue refuses too", () => {
    it("logs what is lost", async () => {
      const refusing = await startTopics([
        declareTopic(),
        declareQueue("closed", { policy: undefined }),
        declareSubscription("multiplier", {
          protocol: "lambda",
          endpoint: functionArn("multiplier"),
          redrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("closed") }),
        }),
      ]);
      const warn = sinon.stub(console, "warn");
      try {
        refusing.lambda.answer = () => {
          throw new AwsError("AccessDeniedException", "no permission", 403);
        };
        const { MessageId } = await refusing.sns.send(new PublishCommand({ TopicArn: topicArn, Message: "x" }));
        const { detail } = await eventually(() => refusing.cloud.occurrences.all().find(({ kind }) => kind === "dead-letter"));
        expect(detail!["lost"]).to.match(/sqs:SendMessage/);
        sinon.assert.calledWithMatch(warn, `SNS lost message ${MessageId}: closed refused it.`);
      } finally {
        warn.restore();
        await refusing.stop();
      }
    });
  });

  describe("publish", () => {
    const bad: [string, Partial<PublishCommandInput>, string][] = [
      ["an empty message", { Message: "" }, "InvalidParameterException"],
      ["more than 256 KB", { Message: "x".repeat(262_145) }, "InvalidParameterException"],
      ["a subject of two lines", { Subject: "a\nb" }, "InvalidParameterException"],
      ["a subject of 101 letters", { Subject: "x".repeat(101) }, "InvalidParameterException"],
      ["a subject that begins with a space", { Subject: " x" }, "InvalidParameterException"],
      ["a structure without default", { Message: '{"sqs": "x"}', MessageStructure: "json" }, "InvalidParameterException"],
      ["a structure that is not JSON", { Message: "x", MessageStructure: "json" }, "InvalidParameterException"],
      ["an empty attribute", { MessageAttributes: { a: { DataType: "String", StringValue: "" } } }, "InvalidParameterValueException"],
      ["an attribute of no type", { MessageAttributes: { a: { DataType: "Date", StringValue: "x" } } }, "InvalidParameterValueException"],
      [
        "a Number that is not a number",
        { MessageAttributes: { a: { DataType: "Number", StringValue: "x" } } },
        "InvalidParameterValueException",
      ],
      ["a topic that is not there", { TopicArn: `${topicArn}x` }, "NotFoundException"],
      ["a parameter of FIFO topics", { MessageDeduplicationId: "d" }, "ValidationException"],
      ["a group with a space", { MessageGroupId: "a b" }, "InvalidParameterException"],
    ];
    for (const [what, input, name] of bad) {
      it(`refuses ${what}`, async () => expect((await refused(publish("x", input))).name).to.equal(name));
    }

    it("accepts a batch, and reports the failed entries", async () => {
      const { Successful, Failed } = await laptop.sns.send(
        new PublishBatchCommand({
          TopicArn: topicArn,
          PublishBatchRequestEntries: [
            { Id: "good", Message: "x" },
            { Id: "bad", Message: "x", Subject: "\n" },
          ],
        }),
      );
      expect(Successful!.map(({ Id }) => Id)).to.deep.equal(["good"]);
      expect(Failed!.map(({ Id, Code }) => [Id, Code])).to.deep.equal([["bad", "InvalidParameter"]]);
      await eventually(() => laptop.lambda.invocations.length === 1);
    });
  });

  describe("weather", () => {
    it("delivers twice", async () => {
      laptop.cloud.weather.change({ duplicate: 3 });
      await publish("x");
      await eventually(() => laptop.lambda.invocations.length === 2);
      const [first, second] = laptop.lambda.invocations;
      expect(first!.event.Records[0].Sns.MessageId).to.equal(second!.event.Records[0].Sns.MessageId);
    });

    it("delivers out of order", async () => {
      laptop.cloud.weather.change({ shuffle: true });
      const sent = Array.from({ length: 12 }, (_, index) => String(index));
      for (const message of sent) await publish(message);
      laptop.cloud.clock.advance(1);
      await eventually(() => laptop.lambda.invocations.length === sent.length);
      const delivered = laptop.lambda.invocations.map(({ event }) => event.Records[0].Sns.Message);
      expect(delivered).to.have.members(sent).and.not.to.deep.equal(sent);
    });

    it("delivers late", async () => {
      laptop.cloud.weather.change({ delayMs: 60_000 });
      await publish("x");
      expect(laptop.cloud.clock.nextMs()).to.be.greaterThan(laptop.cloud.clock.nowMs() + 50_000);
      laptop.cloud.clock.advance(61);
      await eventually(() => laptop.lambda.invocations.length === 1);
    });

    it("refuses to publish to a topic that is not an ARN", async () => {
      const error = await refused(publish("x", { TopicArn: "messages" }));
      expect(error.message).to.equal("Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1");
    });

    it("refuses to publish while SNS is down", async () => {
      laptop.cloud.weather.change({ snsDown: true });
      const error = await refused(publish("x"));
      expect(error.$metadata?.httpStatusCode).to.equal(500);
      laptop.cloud.weather.change({});
      await publish("x");
      await eventually(() => laptop.lambda.invocations.length === 1);
    });
  });
});
