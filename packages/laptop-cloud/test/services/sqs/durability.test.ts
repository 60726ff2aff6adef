import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { startKillable } from "../sns/start-killable";
import { declareTopic } from "../sns/topics-on-laptop";
import { declareQueue, refused, startQueues } from "./queue-on-laptop";

describe("sqs durability", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const receiveAll = async (laptop: Awaited<ReturnType<typeof startQueues>>): Promise<string[]> => {
    const bodies: string[] = [];
    for (;;) {
      const { Messages = [] } = await laptop.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: laptop.urlOf("orders"), MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
      );
      if (Messages.length === 0) return bodies;
      bodies.push(...Messages.map(({ Body }) => Body!));
    }
  };

  it("loses nothing that was acknowledged, after kill -9", async () => {
    const child = await startKillable(directory, [declareTopic(), declareQueue("orders")]);
    const client = new SQSClient(child.client);
    const QueueUrl = `${child.endpoint}/000000000000/orders`;
    const sent = new Set<string>();
    const deleting = new Set<string>();
    const deleted = new Set<string>();
    // Each worker continues until its call fails.
    const send = async (worker: number) => {
      for (let count = 0; ; count++) {
        const body = `${worker}-${count}`;
        await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
        sent.add(body);
        if (sent.size === 150) void child.kill();
      }
    };
    const consume = async () => {
      for (;;) {
        const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
        for (const { Body, ReceiptHandle } of Messages) {
          deleting.add(Body!);
          await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
          deleted.add(Body!);
        }
      }
    };
    await Promise.all([send(1), send(2), send(3), consume()].map(refused));
    client.destroy();
    expect(deleted.size).to.be.greaterThan(0);

    const laptop = await startQueues([declareQueue("orders")], directory);
    try {
      // After the visibility timeout of the messages in flight.
      laptop.cloud.clock.advance(31);
      const found = await receiveAll(laptop);
      expect(new Set(found)).to.have.lengthOf(found.length);
      for (const body of sent) if (!deleting.has(body)) expect(found).to.include(body);
      for (const body of deleted) expect(found).not.to.include(body);
    } finally {
      await laptop.stop();
    }
  });

  it("keeps visibility, receipts and settings after a restart, and deletes a queue that is no longer declared", async () => {
    const first = await startQueues([declareQueue("orders", { visibilityTimeoutSeconds: 100 }), declareQueue("old")], directory);
    await first.sqs.send(new SendMessageCommand({ QueueUrl: first.urlOf("orders"), MessageBody: "x" }));
    const { Messages } = await first.sqs.send(new ReceiveMessageCommand({ QueueUrl: first.urlOf("orders") }));
    await first.stop();

    const second = await startQueues([declareQueue("orders", { visibilityTimeoutSeconds: 100 })], directory);
    try {
      expect(await receiveAll(second)).to.be.empty;
      second.cloud.clock.advance(101);
      const { ReceiptHandle } = Messages![0]!;
      await second.sqs.send(new DeleteMessageCommand({ QueueUrl: second.urlOf("orders"), ReceiptHandle }));
      expect(await receiveAll(second)).to.be.empty;
      const gone = await refused(second.sqs.send(new ReceiveMessageCommand({ QueueUrl: second.urlOf("old") })));
      expect(gone.name).to.equal("QueueDoesNotExist");
    } finally {
      await second.stop();
    }
  });
});
