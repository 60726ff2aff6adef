import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { AwsError } from "../../../src/kernel/aws-error";
import type { Declared } from "../../../src/kernel/service";
import { s3 } from "../../../src/services/s3";
import { createSibling } from "../../sibling";

const Bucket = "raw";
const arnOf = (service: string, name: string) => `arn:aws:${service}:us-east-1:000000000000:${name}`;
const functionArn = arnOf("lambda", "function:start");

const resources: Declared[] = [
  { type: "aws:s3/bucket:Bucket", name: Bucket, inputs: {} },
  {
    type: "aws:s3/bucketNotification:BucketNotification",
    name: "uploads",
    inputs: {
      bucket: Bucket,
      lambdaFunctions: [{ id: "start", lambdaFunctionArn: functionArn, events: ["s3:ObjectCreated:*"], filterSuffix: ".csv" }],
      queues: [{ queueArn: arnOf("sqs", "audit"), events: ["s3:ObjectRemoved:Delete"] }],
      topics: [{ topicArn: arnOf("sns", "copies"), events: ["s3:ObjectCreated:Copy"], filterPrefix: "copy/" }],
    },
  },
];

describe("s3 notifications", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: S3Client;
  let failures: number;
  const lambda = createSibling("lambda", {
    Invoke: () => {
      failures -= 1;
      if (failures >= 0) throw new AwsError("TooManyRequestsException", "busy", 429);
      return { StatusCode: 202 };
    },
  });
  const sqs = createSibling("sqs", { SendMessage: () => ({ MessageId: "m" }) });
  const sns = createSibling("sns", { Publish: () => ({ MessageId: "m" }) });

  beforeEach(async () => {
    failures = 0;
    for (const { received } of [lambda, sqs, sns]) received.length = 0;
    laptop = await startLaptop({ definitions: [s3, lambda.definition, sqs.definition, sns.definition], resources });
    client = new S3Client(laptop.client);
  });

  afterEach(async () => {
    client.destroy();
    await laptop.stop();
  });

  const put = (Key: string, Body = "a,b\n") => client.send(new PutObjectCommand({ Bucket, Key, Body }));
  const recordOf = (message: Uint8Array | string) => JSON.parse(Buffer.from(message).toString()).Records[0];

  it("invokes a function with AWS's record, as S3", async () => {
    const { ETag } = await put("in/März 2026+1.csv");

    const { input, call } = await eventually(() => lambda.received[0]);

    expect(input).to.include({ FunctionName: functionArn, InvocationType: "Event" });
    expect(call.caller).to.include({ kind: "service", principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::raw" });
    const record = recordOf(input.Payload);
    expect(record).to.include({ eventVersion: "2.1", eventSource: "aws:s3", eventName: "ObjectCreated:Put", awsRegion: "us-east-1" });
    expect(record.s3).to.include({ s3SchemaVersion: "1.0", configurationId: "start" });
    expect(record.s3.bucket).to.include({ name: Bucket, arn: "arn:aws:s3:::raw" });
    expect(record.s3.object).to.include({ key: "in/M%C3%A4rz+2026%2B1.csv", size: 4, eTag: JSON.parse(ETag!) });
    expect(record.s3.object.sequencer).to.match(/^[0-9A-F]{18}$/);
    expect(new Date(record.eventTime).toISOString()).to.equal(record.eventTime);
  });

  it("filters by suffix, prefix and event", async () => {
    await put("notes.txt");
    await put("copy/of.txt");
    await client.send(new CopyObjectCommand({ Bucket, Key: "copy/a.txt", CopySource: `${Bucket}/notes.txt` }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: "notes.txt" }));

    const toQueue = await eventually(() => sqs.received[0]);
    const toTopic = await eventually(() => sns.received[0]);

    expect(toQueue.input.QueueUrl).to.match(/\/000000000000\/audit$/);
    expect(recordOf(toQueue.input.MessageBody).eventName).to.equal("ObjectRemoved:Delete");
    expect(recordOf(toQueue.input.MessageBody).s3.object).not.to.have.any.keys("size", "eTag");
    expect(toTopic.input.Subject).to.equal("Amazon S3 Notification");
    expect(recordOf(toTopic.input.Message).s3.object.key).to.equal("copy/a.txt");
    expect([lambda, sqs, sns].map(({ received }) => received.length)).to.deep.equal([0, 1, 1]);
  });

  it("orders the changes of a key by sequencer", async () => {
    for (const body of ["1", "22", "333"]) await put("one.csv", body);
    await eventually(() => lambda.received.length === 3);

    const objects = lambda.received.map(({ input }) => recordOf(input.Payload).s3.object);

    const bySequencer = objects.sort((a, b) => (a.sequencer < b.sequencer ? -1 : 1));
    expect(bySequencer.map(({ size }) => size)).to.deep.equal([1, 2, 3]);
  });

  it("retries while a function is throttled", async () => {
    failures = 2;
    await put("a.csv");

    await eventually(() => lambda.received.length === 1 && laptop.cloud.clock.nextMs() !== undefined);
    laptop.cloud.clock.advance(1);
    await eventually(() => lambda.received.length === 2 && laptop.cloud.clock.nextMs() !== undefined);
    laptop.cloud.clock.advance(2);

    await eventually(() => lambda.received.length === 3);
    await eventually(async () => (await laptop.cloud.state("s3").entries("event/")).length === 0);
  });

  it("delivers twice if the weather says so", async () => {
    laptop.cloud.weather.change({ duplicate: 1 });

    await put("a.csv");

    await eventually(() => lambda.received.length === 2);
  });
});
