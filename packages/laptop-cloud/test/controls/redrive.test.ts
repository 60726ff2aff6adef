import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { createControls } from "../../src/controls";
import { administrator } from "../../src/kernel/caller";
import type { ServiceDefinition } from "../../src/kernel/service";
import { firehose } from "../../src/services/firehose";
import { sns } from "../../src/services/sns";
import { sqs } from "../../src/services/sqs";

const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:000000000000:${rest}`;
const queueType = "aws:sqs/queue:Queue";
const functionType = "aws:lambda/function:Function";
const subscriptionType = "aws:sns/topicSubscription:TopicSubscription";
const to = (queue: string) => JSON.stringify({ deadLetterTargetArn: arn("sqs", queue) });

interface Invoked {
  FunctionName: string;
  InvocationType: string;
  Payload: string;
}

describe("redrive", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let invoked: Invoked[];

  /** Functions that only record their invocations. */
  const lambda: ServiceDefinition = {
    name: "lambda",
    resources: {
      [functionType]: {
        properties: { deadLetterConfig: "acts" },
        outputs: ({ name }) => ({ id: name, name, arn: arn("lambda", `function:${name}`) }),
      },
    },
    create: () => ({
      start: async () => {},
      stop: async () => {},
      operations: {
        Invoke: async (input: Invoked) => {
          invoked.push(input);
          return { StatusCode: 202 };
        },
      },
    }),
  };

  beforeEach(async () => {
    invoked = [];
    laptop = await startLaptop({
      definitions: [sqs, sns, firehose, lambda, createControls(() => ({ outputs: {}, secretOutputs: [], config: {} }))],
      resources: [
        ...["counter-dead", "shared-dead", "jobs-dead", "mirror-dead", "archive-dead"].map(name => ({ type: queueType, name, inputs: {} })),
        {
          type: queueType,
          name: "jobs",
          inputs: { redrivePolicy: JSON.stringify({ ...JSON.parse(to("jobs-dead")), maxReceiveCount: 1 }) },
        },
        { type: queueType, name: "mirror", inputs: {} },
        { type: functionType, name: "counter", inputs: { deadLetterConfig: { targetArn: arn("sqs", "counter-dead") } } },
        { type: functionType, name: "one", inputs: { deadLetterConfig: { targetArn: arn("sqs", "shared-dead") } } },
        { type: functionType, name: "two", inputs: { deadLetterConfig: { targetArn: arn("sqs", "shared-dead") } } },
        { type: "aws:sns/topic:Topic", name: "messages", inputs: {} },
        ...["counter", "one", "two"].map(name => ({
          type: subscriptionType,
          name,
          inputs: {
            topic: arn("sns", "messages"),
            protocol: "lambda",
            endpoint: arn("lambda", `function:${name}`),
            redrivePolicy: to(name === "counter" ? "counter-dead" : "shared-dead"),
          },
        })),
        {
          type: subscriptionType,
          name: "mirror",
          inputs: { topic: arn("sns", "messages"), protocol: "sqs", endpoint: arn("sqs", "mirror"), redrivePolicy: to("mirror-dead") },
        },
        {
          type: "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
          name: "archive",
          inputs: {
            destination: "extended_s3",
            extendedS3Configuration: { roleArn: "arn:aws:iam::000000000000:role/writer", bucketArn: "arn:aws:s3:::kept" },
          },
        },
        {
          type: subscriptionType,
          name: "archive",
          inputs: {
            topic: arn("sns", "messages"),
            protocol: "firehose",
            endpoint: arn("firehose", "deliverystream/archive"),
            subscriptionRoleArn: "arn:aws:iam::000000000000:role/sender",
            redrivePolicy: to("archive-dead"),
          },
        },
      ],
    });
  });

  afterEach(() => laptop.stop());

  const call = (operation: string, queue: string, input: object = {}) =>
    laptop.cloud.call("sqs", operation, { QueueUrl: `${laptop.cloud.place.awsUrl}/000000000000/${queue}`, ...input }, administrator);
  const put = (queue: string, body: object | string, attributes: Record<string, string> = {}) =>
    call("SendMessage", queue, {
      MessageBody: typeof body === "string" ? body : JSON.stringify(body),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
      ),
    });
  const peek = (queue: string) => call("laptop:PeekMessages", queue);
  const redrive = async (queue: string) => {
    const response = await fetch(`${laptop.cloud.place.pageUrl}/control/redrive`, { method: "POST", body: JSON.stringify({ queue }) });
    return { status: response.status, body: (await response.json()) as { count?: number; message?: string } };
  };
  const subscriptionArn = (name: string) =>
    laptop.cloud.inventory.ofType(subscriptionType).find(each => each.name === name)!.outputs["arn"] as string;
  const notification = (name: string) => ({
    Type: "Notification",
    MessageId: "m1",
    TopicArn: arn("sns", "messages"),
    Message: "hello",
    SigningCertURL: "http://127.0.0.1/cert",
    UnsubscribeURL: `http://127.0.0.1/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn(name)}`,
  });

  it("sends the unchanged event to the function that failed on it", async () => {
    await put("counter-dead", { anything: 1 });
    expect((await redrive("counter-dead")).body).to.deep.equal({ count: 1 });
    expect(invoked).to.deep.equal([
      { FunctionName: arn("lambda", "function:counter"), InvocationType: "Event", Payload: JSON.stringify({ anything: 1 }) },
    ]);
    expect((await peek("counter-dead")).Messages).to.deep.equal([]);
  });

  it("wraps an undelivered SNS notification in the record that functions expect", async () => {
    await put("counter-dead", notification("counter"));
    await redrive("counter-dead");
    const { Records } = JSON.parse(invoked[0]!.Payload) as { Records: { EventSubscriptionArn: string; Sns: Record<string, unknown> }[] };
    expect(Records[0]!.EventSubscriptionArn).to.equal(subscriptionArn("counter"));
    expect(Records[0]!.Sns)
      .to.include({ Message: "hello", SigningCertUrl: "http://127.0.0.1/cert" })
      .and.not.have.property("SigningCertURL");
  });

  it("puts an undelivered notification into its delivery stream, as one line", async () => {
    await put("archive-dead", JSON.stringify(notification("archive"), null, 2));
    expect((await redrive("archive-dead")).body).to.deep.equal({ count: 1 });
    const [[, { data }]] = (await laptop.cloud.state("firehose").entries<{ data: string }>("record/archive/")) as [
      [string, { data: string }],
    ];
    expect(Buffer.from(data, "base64").toString()).to.equal(`${JSON.stringify(notification("archive"))}\n`);
  });

  it("finds the source of a message in a shared dead-letter queue by its content", async () => {
    await put("shared-dead", notification("two"));
    await put("shared-dead", { Records: [{ EventSubscriptionArn: subscriptionArn("one"), Sns: {} }] });
    expect((await redrive("shared-dead")).body).to.deep.equal({ count: 2 });
    expect(invoked.map(({ FunctionName }) => FunctionName)).to.have.members([arn("lambda", "function:two"), arn("lambda", "function:one")]);
  });

  it("leaves a message of unknown origin in the queue, and says so", async () => {
    await put("shared-dead", { anything: 1 });
    const { status, body } = await redrive("shared-dead");
    expect(status).to.equal(409);
    expect(body.message).to.match(/^The source of the dead letter \S+ is unknown/);
    expect(invoked).to.deep.equal([]);
    expect((await peek("shared-dead")).Messages).to.have.length(1);
  });

  it("invokes the target that a scheduler's message names", async () => {
    await put("shared-dead", { release: "staging" }, { TARGET_ARN: arn("lambda", "function:two") });
    await redrive("shared-dead");
    expect(invoked[0]).to.include({ FunctionName: arn("lambda", "function:two"), Payload: '{"release":"staging"}' });
  });

  it("sends a notification to the queue that was subscribed", async () => {
    await put("mirror-dead", notification("mirror"));
    await redrive("mirror-dead");
    expect(JSON.parse((await peek("mirror")).Messages[0].Body)).to.include({ Message: "hello" });
  });

  it("moves a queue's dead letters back to the queue", async () => {
    await put("jobs", "a job");
    await call("ReceiveMessage", "jobs", { VisibilityTimeout: 0 });
    await call("ReceiveMessage", "jobs");
    expect((await peek("jobs-dead")).Messages).to.have.length(1);
    expect((await redrive("jobs-dead")).body).to.deep.equal({ count: 1 });
    await eventually(async () => (await peek("jobs")).Messages[0]?.Body === "a job");
  });

  it("moves a message that a consumer sent to the dead-letter queue itself to the source queue", async () => {
    await put("jobs-dead", "a job that was given up");
    expect((await redrive("jobs-dead")).body).to.deep.equal({ count: 1 });
    await eventually(async () => (await peek("jobs")).Messages[0]?.Body === "a job that was given up");
  });

  it("refuses an unknown queue, and a message that is not an event", async () => {
    expect((await redrive("nobody")).status).to.equal(404);
    await put("counter-dead", "not JSON");
    expect((await redrive("counter-dead")).body.message).to.contain("not JSON");
  });
});
