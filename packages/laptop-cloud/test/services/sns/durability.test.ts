import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetSubscriptionAttributesCommand, ListSubscriptionsByTopicCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import type { Mail } from "../../../src/services/mail";
import { startKillable } from "./start-killable";
import { declareSubscription, declareTopic, functionArn, startTopics, topicArn } from "./topics-on-laptop";

describe("sns durability", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const toFunction = declareSubscription("multiplier", { protocol: "lambda", endpoint: functionArn("multiplier") });
  const toMail = declareSubscription("mail", { protocol: "email", endpoint: "ops@example.com" });

  it("delivers all messages that Publish accepted, after kill -9", async () => {
    const resources = [declareTopic(), toFunction];
    const child = await startKillable(directory, resources);
    const client = new SNSClient(child.client);
    const published = await Promise.all(
      Array.from({ length: 20 }, (_, index) => client.send(new PublishCommand({ TopicArn: topicArn, Message: String(index) }))),
    );
    await child.kill();
    client.destroy();

    const laptop = await startTopics(resources, directory);
    try {
      // A retry may have been in progress and be due a little later.
      laptop.cloud.clock.advance(30);
      await eventually(() => laptop.lambda.invocations.length >= published.length);
      const delivered = laptop.lambda.invocations.map(({ event }) => event.Records[0].Sns.MessageId);
      expect(delivered).to.have.members(published.map(({ MessageId }) => MessageId));
    } finally {
      await laptop.stop();
    }
  });

  const restart = async <T>(resources: Declared[], use: (laptop: Awaited<ReturnType<typeof startTopics>>) => Promise<T>): Promise<T> => {
    const laptop = await startTopics(resources, directory);
    try {
      return await use(laptop);
    } finally {
      await laptop.stop();
    }
  };

  it("keeps a subscription's ARN, confirmation and invitation, and the mailbox with links of this start", async () => {
    const mails = async (pageUrl: string) => (await (await fetch(`${pageUrl}/mail`)).json()) as Mail[];
    const list = new ListSubscriptionsByTopicCommand({ TopicArn: topicArn });
    const before = await restart([declareTopic(), toMail], async ({ cloud }) => (await mails(cloud.place.pageUrl)).length);
    expect(before).to.equal(1);
    const arn = await restart([declareTopic(), toMail], async ({ cloud, sns }) => {
      const [invitation, ...more] = await mails(cloud.place.pageUrl);
      expect(more).to.be.empty;
      expect((await fetch(invitation!.links[0]!)).status).to.equal(200);
      return (await sns.send(list)).Subscriptions![0]!.SubscriptionArn;
    });
    await restart([declareTopic(), toMail], async ({ sns }) => {
      expect((await sns.send(list)).Subscriptions![0]!.SubscriptionArn).to.equal(arn);
    });
  });

  it("uses the current declarations after a restart", async () => {
    await restart([declareTopic(), toFunction, toMail], async () => {});
    const filtered = { ...toFunction, inputs: { ...toFunction.inputs, filterPolicy: '{"door":["events"]}' } };
    await restart([declareTopic(), filtered], async ({ sns }) => {
      const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
      expect(Subscriptions!.map(({ Protocol }) => Protocol)).to.deep.equal(["lambda"]);
      const { SubscriptionArn } = Subscriptions![0]!;
      const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
      expect(Attributes!["FilterPolicy"]).to.equal('{"door":["events"]}');
    });
  });
});
