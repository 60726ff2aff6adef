import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { NotImitated } from "../../../src/declare";
import { administrator } from "../../../src/kernel/caller";
import type { Mail } from "../../../src/services/mail";
import { refused } from "../sqs/queue-on-laptop";
import { declareQueue, declareSubscription, declareTopic, functionArn, queueArn, startTopics, topicArn } from "./topics-on-laptop";

type Laptop = Awaited<ReturnType<typeof startTopics>>;

const mails = async ({ cloud }: Laptop) => (await (await fetch(`${cloud.place.pageUrl}/mail`)).json()) as Mail[];

const publish = (laptop: Laptop, more: object = {}) =>
  laptop.sns.send(new PublishCommand({ TopicArn: topicArn, Message: "payroll is done", Subject: "Payroll", ...more }));

describe("sns topics", () => {
  let laptop: Laptop;
  beforeEach(async () => {
    laptop = await startTopics([declareTopic("messages", { tags: { team: "fanout" } }), declareQueue("audit")]);
  });
  afterEach(() => laptop.stop());

  it("are created, listed, changed, tagged and deleted", async () => {
    const { TopicArn } = await laptop.sns.send(new CreateTopicCommand({ Name: "more", Attributes: { DisplayName: "More" } }));
    expect(TopicArn).to.equal("arn:aws:sns:us-east-1:000000000000:more");
    const { Topics } = await laptop.sns.send(new ListTopicsCommand({}));
    expect(Topics!.map(topic => topic.TopicArn)).to.have.members([TopicArn, topicArn]);
    await laptop.sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "DisplayName", AttributeValue: "Most" }));
    const { Attributes } = await laptop.sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).to.include({ DisplayName: "Most", Owner: "000000000000", SubscriptionsConfirmed: "0" });

    await laptop.sns.send(
      new TagResourceCommand({
        ResourceArn: TopicArn,
        Tags: [
          { Key: "a", Value: "1" },
          { Key: "b", Value: "2" },
        ],
      }),
    );
    await laptop.sns.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: ["a"] }));
    const { Tags } = await laptop.sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    expect(Tags).to.deep.equal([{ Key: "b", Value: "2" }]);

    await laptop.sns.send(new DeleteTopicCommand({ TopicArn }));
    expect((await refused(laptop.sns.send(new GetTopicAttributesCommand({ TopicArn })))).name).to.equal("NotFoundException");
  });

  it("add, change and delete subscriptions", async () => {
    const subscribe = (Attributes: Record<string, string>) =>
      laptop.sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: queueArn("audit"), Attributes }));
    const { SubscriptionArn } = await subscribe({ RawMessageDelivery: "true" });
    expect((await subscribe({ RawMessageDelivery: "true" })).SubscriptionArn).to.equal(SubscriptionArn);
    expect((await refused(subscribe({ RawMessageDelivery: "false" }))).name).to.equal("InvalidParameterException");

    const set = (AttributeName: string, AttributeValue: string) =>
      laptop.sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
    expect((await refused(set("FilterPolicy", '{"a": {"b": ["x"]}}'))).message).to.match(/nested/);
    await set("FilterPolicyScope", "MessageBody");
    await set("FilterPolicy", '{"a": {"b": ["x"]}}');
    const { Attributes } = await laptop.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).to.include({ FilterPolicyScope: "MessageBody", RawMessageDelivery: "true", PendingConfirmation: "false" });

    await laptop.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    const { Subscriptions } = await laptop.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
    expect(Subscriptions).to.deep.equal([]);
  });

  const bad: [string, object][] = [
    ["a protocol that is not imitated", { Protocol: "sms", Endpoint: "+41790000000" }],
    ["a queue's URL for its ARN", { Protocol: "sqs", Endpoint: "http://127.0.0.1/000000000000/audit" }],
    ["an address without @", { Protocol: "email", Endpoint: "nobody" }],
    ["raw delivery to a function", { Protocol: "lambda", Endpoint: functionArn("f"), Attributes: { RawMessageDelivery: "true" } }],
    ["a broken filter policy", { Protocol: "lambda", Endpoint: functionArn("f"), Attributes: { FilterPolicy: '{"a": []}' } }],
    ["a redrive policy without a queue", { Protocol: "lambda", Endpoint: functionArn("f"), Attributes: { RedrivePolicy: "{}" } }],
    ["an unknown attribute", { Protocol: "lambda", Endpoint: functionArn("f"), Attributes: { ReplayPolicy: "{}" } }],
  ];
  for (const [what, input] of bad) {
    it(`refuse ${what}`, async () => {
      const command = new SubscribeCommand({ TopicArn: topicArn, Protocol: undefined, ...input });
      expect((await refused(laptop.sns.send(command))).name).to.equal("InvalidParameterException");
    });
  }

  describe("policy", () => {
    const alarm = {
      kind: "service",
      principal: "cloudwatch.amazonaws.com",
      sourceArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:deep",
    } as const;

    it("lets services of the account publish", async () => {
      expect(await laptop.cloud.call("sns", "Publish", { TopicArn: topicArn, Message: "ALARM" }, alarm)).to.have.property("MessageId");
    });

    it("refuses what a topic's own policy does not allow", async () => {
      const policy = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Principal: "*", Action: "sns:Publish", Resource: topicArn }] };
      const input = { TopicArn: topicArn, AttributeName: "Policy", AttributeValue: JSON.stringify(policy) };
      await laptop.cloud.call("sns", "SetTopicAttributes", input, administrator);
      const error = await refused(laptop.cloud.call("sns", "Publish", { TopicArn: topicArn, Message: "ALARM" }, alarm));
      expect(error).to.include({ code: "AuthorizationError" });
    });

    it("gives a role nothing by default", async () => {
      const role = { kind: "role", roleArn: "arn:aws:iam::000000000000:role/nobody", principal: "scheduler.amazonaws.com" } as const;
      const error = await refused(laptop.cloud.call("sns", "Publish", { TopicArn: topicArn, Message: "x" }, role));
      expect(error).to.include({ code: "AuthorizationError" });
    });
  });
});

describe("sns e-mail", () => {
  const email = declareSubscription("errors-mail", { protocol: "email", endpoint: "ops@example.com" });
  let laptop: Laptop;
  beforeEach(async () => {
    laptop = await startTopics([
      declareTopic(),
      declareQueue("audit"),
      declareSubscription("audit", { protocol: "sqs", endpoint: queueArn("audit") }),
      email,
    ]);
  });
  afterEach(() => laptop.stop());

  const confirm = async () => {
    const [invitation] = await mails(laptop);
    const answer = await fetch(invitation!.links[0]!);
    expect(answer.status).to.equal(200);
  };

  it("must be confirmed, and gets no message before the link was followed", async () => {
    const [invitation] = await mails(laptop);
    expect(invitation).to.include({ to: "ops@example.com", subject: "AWS Notification - Subscription Confirmation" });
    await publish(laptop);
    await eventually(async () => (await laptop.receive("audit")).length > 0);
    expect(await mails(laptop)).to.have.lengthOf(1);

    await confirm();
    await publish(laptop);
    const [, notification] = await eventually(async () => {
      const all = await mails(laptop);
      return all.length === 2 && all;
    });
    expect(notification).to.include({ to: "ops@example.com", subject: "Payroll" });
    expect(notification!.body).to.match(/^payroll is done\n/);
    expect(notification!.links).to.have.lengthOf(1);
  });

  it("stops when its link is followed", async () => {
    await confirm();
    await publish(laptop);
    const [, notification] = await eventually(async () => {
      const all = await mails(laptop);
      return all.length === 2 && all;
    });
    expect((await fetch(notification!.links[0]!)).status).to.equal(200);
    const { Subscriptions } = await laptop.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
    expect(Subscriptions!.map(({ Protocol }) => Protocol)).to.deep.equal(["sqs"]);
  });

  it("refuses a made-up token", async () => {
    const url = `${laptop.cloud.place.pageUrl}/mail/confirm?${new URLSearchParams({ TopicArn: topicArn, Token: "abc" })}`;
    expect((await fetch(url)).status).to.equal(400);
  });
});

describe("sns declarations", () => {
  const bad: [string, ReturnType<typeof declareTopic>, RegExp][] = [
    ["a FIFO topic", declareTopic("orders", { fifoTopic: true }), /fifoTopic of "orders" is true/],
    ["a protocol", declareSubscription("web", { protocol: "https", endpoint: "https://example.com" }), /Protocol: https/],
    [
      "a broken filter policy",
      declareSubscription("f", { protocol: "lambda", endpoint: functionArn("f"), filterPolicy: "{" }),
      /failed to parse/,
    ],
    [
      "a replay policy",
      declareSubscription("f", { protocol: "lambda", endpoint: functionArn("f"), replayPolicy: "{}" }),
      /sets replayPolicy/,
    ],
  ];
  for (const [what, resource, reason] of bad) {
    it(`are refused for ${what}`, async () => {
      const error = await refused(startTopics([declareTopic(), resource]));
      expect(error).to.be.instanceOf(NotImitated);
      expect(error.message).to.match(reason);
    });
  }
});
