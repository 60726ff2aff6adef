import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { declareQueue, startQueues } from "./queue-on-laptop";

/** The visible outcome of a call: the error's name, or the answer. */
type Outcome = { error: string } | { answer: unknown };

/** Ids, times and handles differ between any two servers. */
const telling = (answer: object): unknown =>
  JSON.parse(
    JSON.stringify(answer, (key, value) => {
      if (key === "$metadata") return undefined;
      if (["MessageId", "ReceiptHandle", "SentTimestamp", "ApproximateFirstReceiveTimestamp", "SenderId"].includes(key))
        return typeof value;
      // Each server words its errors differently.
      return key === "Message" || key === "QueueUrl" ? undefined : value;
    }),
  );

/**
 * A sequence of calls to one queue, and their answers.
 *
 * It leaves out where the reference is laxer than AWS documents: it takes any receipt handle, queue name and delay, empty attributes,
 * and does not take the MD5 of just the attributes that it returns.
 */
class Conversation {
  readonly outcomes: Outcome[] = [];
  #handle: string | undefined;

  constructor(
    private readonly client: SQSClient,
    private readonly QueueUrl: string,
  ) {}

  async hold() {
    const text = (StringValue: string, DataType = "String") => ({ DataType, StringValue });
    const { QueueUrl } = this;
    const send = (input: object) =>
      this.note("SendMessage", this.client.send(new SendMessageCommand({ QueueUrl, MessageBody: "x", ...input })));
    await send({ MessageBody: "hello", MessageAttributes: { a: text("b"), n: text("1.5", "Number"), c: text("d", "String.custom") } });
    await this.receive({ MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"] });
    await this.receive({});
    await this.note(
      "ChangeMessageVisibility",
      this.client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: this.#handle, VisibilityTimeout: 0 })),
    );
    await this.receive({ MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["ApproximateReceiveCount"] });
    await this.note("DeleteMessage", this.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: this.#handle })));
    await this.note("DeleteMessage", this.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: this.#handle })));
    await send({ MessageBody: "a\u0001" });
    await send({ MessageBody: "y".repeat(1_048_577) });
    await send({ QueueUrl: `${QueueUrl}-gone` });
    const entries = (...ids: string[]) => new SendMessageBatchCommand({ QueueUrl, Entries: ids.map(Id => ({ Id, MessageBody: Id })) });
    await this.note("SendMessageBatch", this.client.send(entries("one")));
    await this.note("SendMessageBatch", this.client.send(entries("one", "one")));
    await this.note("SendMessageBatch", this.client.send(entries()));
    await this.note("SendMessageBatch", this.client.send(entries(...Array.from({ length: 11 }, (_, index) => String(index)))));
    await this.receive({});
    await this.note(
      "DeleteMessageBatch",
      this.client.send(
        new DeleteMessageBatchCommand({
          QueueUrl,
          Entries: [{ Id: "good", ReceiptHandle: this.#handle }],
        }),
      ),
    );
    await this.note(
      "SetQueueAttributes",
      this.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "77" } })),
    );
    await this.note(
      "SetQueueAttributes",
      this.client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "-1" } })),
    );
    await this.note(
      "GetQueueAttributes",
      this.client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["VisibilityTimeout", "ApproximateNumberOfMessages", "QueueArn"] }),
      ),
    );
    await this.note("TagQueue", this.client.send(new TagQueueCommand({ QueueUrl, Tags: { team: "fanout" } })));
    await this.note("ListQueueTags", this.client.send(new ListQueueTagsCommand({ QueueUrl })));
    await this.note("GetQueueUrl", this.client.send(new GetQueueUrlCommand({ QueueName: "nowhere" })));
    await this.note(
      "CreateQueue",
      this.client.send(new CreateQueueCommand({ QueueName: "orders", Attributes: { VisibilityTimeout: "78" } })),
    );
    await this.note("PurgeQueue", this.client.send(new PurgeQueueCommand({ QueueUrl })));
    await this.note("DeleteQueue", this.client.send(new DeleteQueueCommand({ QueueUrl })));
    await this.receive({});
  }

  async receive(input: object) {
    const answer = await this.note(
      "ReceiveMessage",
      this.client.send(new ReceiveMessageCommand({ QueueUrl: this.QueueUrl, MaxNumberOfMessages: 10, ...input })),
    );
    this.#handle = (answer as { Messages?: { ReceiptHandle?: string }[] }).Messages?.[0]?.ReceiptHandle ?? this.#handle;
  }

  /** Records the outcome of a call. */
  async note(name: string, call: Promise<object>): Promise<object> {
    try {
      const answer = await call;
      this.outcomes.push({ answer: [name, telling(answer)] });
      return answer;
    } catch (error) {
      // The reference uses some names of the query protocol.
      this.outcomes.push({ error: `${name}: ${(error as Error).name.replace("AWS.SimpleQueueService.", "")}` });
      return {};
    }
  }
}

describe("sqs compared with fauxqs", () => {
  it("answers the same calls in the same way", async () => {
    // An ES module, which CommonJS can only import when it runs.
    const { startFauxqs } = await import("fauxqs");
    const reference = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const theirs = new SQSClient({
      endpoint: `http://127.0.0.1:${reference.port}`,
      region: "us-east-1",
      credentials,
      useQueueUrlAsEndpoint: false,
    });
    const laptop = await startQueues([declareQueue("orders", { maxMessageSize: 1_048_576 })]);
    try {
      const { QueueUrl } = await theirs.send(new CreateQueueCommand({ QueueName: "orders" }));
      const expected = new Conversation(theirs, QueueUrl!);
      const actual = new Conversation(laptop.sqs, laptop.urlOf("orders"));
      await expected.hold();
      await actual.hold();
      expect(actual.outcomes).to.deep.equal(expected.outcomes);
    } finally {
      theirs.destroy();
      await laptop.stop();
      await reference.stop();
    }
  });
});
