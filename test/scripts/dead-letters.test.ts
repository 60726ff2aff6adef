import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { LambdaClient } from "@aws-sdk/client-lambda";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { UsageError } from "../../scripts/command-line";
import { DeadLetters, run } from "../../scripts/dead-letters";
import { Redrive } from "../../scripts/redrive";
import type { StackOutputs } from "../../scripts/stack-outputs";

describe("dead-letters", () => {
  const tasks = { queueUrl: "https://sqs/tasks", deadLettersUrl: "https://sqs/tasks-dead-letters" };
  const relay = { functionName: "relay", deadLettersUrl: "https://sqs/relay-dead-letters" };
  const outputs = { redrivables: { tasks, relay } } as unknown as StackOutputs;

  /** Three letters in the queue of `tasks`, none in the other. SQS hides what it delivered. */
  const make = () => {
    const visible: Message[] = ["m0", "m1", "m2"].map((MessageId, index) => ({
      MessageId,
      ReceiptHandle: MessageId,
      Body: JSON.stringify({ id: `e${index}` }),
      Attributes: { SentTimestamp: String(1763805600000 + (2 - index) * 1000) },
    }));
    const sqs = new SQSClient({ region: "us-east-1" });
    const send = sinon.stub(sqs, "send").callsFake(async command => {
      const isTasks = (command.input as { QueueUrl: string }).QueueUrl === tasks.deadLettersUrl;
      if (command instanceof ReceiveMessageCommand) return { Messages: isTasks ? visible.splice(0, 2) : [] };
      if (command instanceof GetQueueAttributesCommand) return { Attributes: { ApproximateNumberOfMessages: isTasks ? "3" : "0" } };
      return {};
    });
    const handles = (kind: typeof DeleteMessageCommand | typeof ChangeMessageVisibilityCommand) =>
      send.args.flatMap(([each]) => (each instanceof kind ? [(each.input as { ReceiptHandle: string }).ReceiptHandle] : []));
    const lambda = new LambdaClient({ region: "us-east-1" });
    const firehose = new FirehoseClient({ region: "us-east-1" });
    const cloudwatch = new CloudWatchClient({ region: "us-east-1" });
    const alarm = { StateValue: "ALARM", Dimensions: [{ Name: "QueueName", Value: "tasks-dead-letters" }] };
    sinon.stub(cloudwatch, "send").callsFake(async () => ({ MetricAlarms: [alarm, { ...alarm, StateValue: "OK" }] }));
    const letters = new DeadLetters(sqs, new Redrive(sqs, lambda, firehose), cloudwatch);
    return {
      send,
      deleted: () => handles(DeleteMessageCommand),
      released: () => handles(ChangeMessageVisibilityCommand),
      operate: async (args: string[], options = {}) => run(letters, { outputs }, args, options),
    };
  };

  it("lists every source with its oldest letter and its alarm", async () => {
    const { operate, released } = make();

    expect((await operate(["list"])).json).to.deep.equal({
      sources: [
        { name: "tasks", count: 3, oldest: "2025-11-22T10:00:00.000Z", alarm: "ALARM" },
        { name: "relay", count: 0, oldest: undefined, alarm: "none" },
      ],
    });
    expect(released()).to.deep.equal(["m0", "m1", "m2"]);
  });

  it("shows all letters, oldest first, or one, and takes none", async () => {
    const all = make();
    const { json, text } = await all.operate(["show", "tasks"]);
    expect((json as { letters: { id: string }[] }).letters.map(({ id }) => id)).to.deep.equal(["m2", "m1", "m0"]);
    expect(text).to.match(/^m2 {2}2025-11-22T10:00:00.000Z {2}e2\n {2}reason: unknown\n/);
    expect([all.deleted(), all.released()]).to.deep.equal([[], ["m0", "m1", "m2"]]);

    expect((await make().operate(["show", "relay"])).text).to.equal("relay has no dead letters.");
    expect(((await make().operate(["show", "tasks", "m1"])).json as { letters: object[] }).letters).to.have.lengthOf(1);
  });

  it("redrives one letter, and leaves the others visible", async () => {
    const { operate, send, deleted, released } = make();

    expect((await operate(["redrive", "tasks", "m1"])).text).to.equal("1 dead letter of tasks redriven.");
    const sent = send.args.flatMap(([each]) => (each instanceof SendMessageCommand ? [each.input] : []));
    expect(sent.map(({ QueueUrl, MessageBody }) => [QueueUrl, MessageBody])).to.deep.equal([[tasks.queueUrl, '{"id":"e1"}']]);
    expect([deleted(), released()]).to.deep.equal([["m1"], ["m0"]]);
  });

  it("drops one letter by its id, or all", async () => {
    const one = make();
    expect((await one.operate(["drop", "tasks", "m2"])).text).to.equal("1 dead letter of tasks dropped.");
    expect([one.deleted(), one.released()]).to.deep.equal([["m2"], ["m0", "m1"]]);

    const all = make();
    expect((await all.operate(["drop", "tasks"], { all: true })).json).to.deep.equal({ dryRun: false, count: 3 });
    expect(all.deleted()).to.deep.equal(["m0", "m1", "m2"]);
  });

  it("deletes nothing in a dry run, nor by mistake", async () => {
    for (const [args, options] of [
      [["drop", "tasks"], {}],
      [["drop", "tasks", "m1"], { all: true }],
      [["drop", "task"], { all: true }],
      [["drop"], { all: true }],
      [["delete", "tasks"], { all: true }],
      [[], {}],
    ] as const) {
      const { operate, deleted } = make();
      expect(await rejectionOf(operate([...args], options)), args.join(" ")).to.be.instanceOf(UsageError);
      expect(deleted()).to.deep.equal([]);
    }
    const { operate, deleted } = make();
    expect((await operate(["drop", "tasks"], { all: true, "dry-run": true })).text).to.equal("3 dead letters of tasks would be dropped.");
    expect(deleted()).to.deep.equal([]);
  });

  for (const command of ["show", "redrive", "drop"])
    it(`says so if ${command} finds no letter with an id`, async () => {
      const { operate, deleted } = make();
      expect(await rejectionOf(operate([command, "tasks", "m9"]))).to.have.property(
        "message",
        'tasks has no dead letter "m9". `npm run dead-letters -- show tasks` shows their ids.',
      );
      expect(deleted()).to.deep.equal([]);
    });
});
