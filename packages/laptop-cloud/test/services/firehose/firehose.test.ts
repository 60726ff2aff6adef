import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  ListDeliveryStreamsCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
} from "@aws-sdk/client-firehose";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, rejectionOf, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { firehose } from "../../../src/services/firehose";
import { iam } from "../../../src/services/iam";
import { lambda } from "../../../src/services/lambda";
import { logs } from "../../../src/services/logs";
import { s3 } from "../../../src/services/s3";
import { sns } from "../../../src/services/sns";
import { sqs } from "../../../src/services/sqs";
import { place, roleNamed, rolePolicy, trusting } from "../iam/inventory";
import { declareFunction, declareRole } from "../lambda/functions-under-test";
import { declareQueue, declareTopic, queueArn, topicArn } from "../sns/topics-on-laptop";

const TYPE = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";
const roleArn = (name: string) => `arn:aws:iam::${place.account}:role/${name}`;
const streamArn = `arn:aws:firehose:us-east-1:${place.account}:deliverystream/archive`;

const declareStream = (s3Configuration: object = {}, inputs: object = {}): Declared => ({
  type: TYPE,
  name: "archive",
  inputs: {
    destination: "extended_s3",
    extendedS3Configuration: {
      roleArn: roleArn("writer"),
      bucketArn: "arn:aws:s3:::kept",
      prefix: "messages/!{timestamp:yyyy/MM/dd}/",
      errorOutputPrefix: "errors/!{firehose:error-output-type}/",
      bufferingInterval: 60,
      compressionFormat: "GZIP",
      ...s3Configuration,
    },
    ...inputs,
  },
});

const functionArn = `arn:aws:lambda:us-east-1:${place.account}:function:worker`;

const processing = (parameters: Record<string, string> = {}, type = "Lambda") => ({
  processingConfiguration: {
    enabled: true,
    processors: [
      {
        type,
        parameters: Object.entries({ LambdaArn: `${functionArn}:$LATEST`, ...parameters }).map(([parameterName, parameterValue]) => ({
          parameterName,
          parameterValue,
        })),
      },
    ],
  },
});

const bucket: Declared = { type: "aws:s3/bucket:Bucket", name: "kept", inputs: { bucket: "kept" } };
const mayPut = { Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::kept/*" } as const;
const writer = [roleNamed("writer", { assumeRolePolicy: trusting("firehose.amazonaws.com") }), rolePolicy("writer", mayPut)];

describe("firehose", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: FirehoseClient;
  let storage: S3Client;

  const start = async (...resources: Declared[]) => {
    laptop = await startLaptop({ definitions: [iam, logs, sqs, sns, s3, lambda, firehose], resources, directory });
    client = new FirehoseClient({ ...laptop.client, maxAttempts: 1 });
    storage = new S3Client({ ...laptop.client, forcePathStyle: true });
  };
  const put = (text: string) => client.send(new PutRecordCommand({ DeliveryStreamName: "archive", Record: { Data: Buffer.from(text) } }));
  const listKeys = async () => ((await storage.send(new ListObjectsV2Command({ Bucket: "kept" }))).Contents ?? []).map(({ Key }) => Key!);
  const read = async (Key: string) => {
    const { Body } = await storage.send(new GetObjectCommand({ Bucket: "kept", Key }));
    return Buffer.from(await Body!.transformToByteArray());
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(async () => {
    await laptop.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("writes what came in the interval as one compressed object, under its day", async () => {
    await start(bucket, ...writer, declareStream());
    const ids = [(await put("a\n")).RecordId, (await put("b\n")).RecordId];
    expect(new Set(ids).size).to.equal(2);
    await laptop.cloud.clock.advanceInSteps(30);
    expect(await listKeys()).to.deep.equal([]);

    await laptop.cloud.clock.advanceInSteps(31);

    const [key, ...more] = await eventually(async () => ((await listKeys()).length > 0 ? listKeys() : undefined));
    expect(more).to.deep.equal([]);
    expect(key).to.match(/^messages\/\d{4}\/\d\d\/\d\d\/archive-1-\d{4}(-\d\d){5}-[0-9a-f-]{36}\.gz$/);
    expect(gunzipSync(await read(key!)).toString()).to.equal("a\nb\n");
  });

  it("writes at once when the buffer is full, without compression if so declared", async () => {
    await start(bucket, ...writer, declareStream({ bufferingSize: 1, compressionFormat: "UNCOMPRESSED" }));
    const Records = [1, 2].map(digit => ({ Data: Buffer.alloc(600 * 1024, String(digit)) }));
    const { FailedPutCount, RequestResponses } = await client.send(new PutRecordBatchCommand({ DeliveryStreamName: "archive", Records }));
    expect([FailedPutCount, RequestResponses?.length]).to.deep.equal([0, 2]);

    const [key] = await eventually(async () => ((await listKeys()).length > 0 ? listKeys() : undefined));

    expect(key).to.match(/[0-9a-f]$/);
    expect(await read(key!)).to.have.lengthOf(1200 * 1024);
  });

  it("keeps what it accepted over a restart", async () => {
    await start(bucket, ...writer, declareStream());
    await put("kept\n");
    await laptop.stop();
    await start(bucket, ...writer, declareStream());

    await laptop.cloud.clock.advanceInSteps(61);

    const [key] = await eventually(async () => ((await listKeys()).length > 0 ? listKeys() : undefined));
    expect(gunzipSync(await read(key!)).toString()).to.equal("kept\n");
  });

  it("writes as its role only, tries again, and writes once the role may", async () => {
    await start(bucket, writer[0]!, declareStream());
    await put("late\n");
    await laptop.cloud.clock.advanceInSteps(120);
    const denied = laptop.cloud.calls.all().filter(({ service, error }) => service === "s3" && error === "AccessDenied");
    expect(denied.length).to.be.greaterThan(1);
    await laptop.stop();
    await start(bucket, ...writer, declareStream());

    await laptop.cloud.clock.advanceInSteps(1);

    await eventually(async () => (await listKeys()).length === 1);
  });

  it("describes its streams, and refuses unknown ones and records that are too large", async () => {
    await start(bucket, ...writer, declareStream());
    const { DeliveryStreamDescription } = await client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: "archive" }));
    expect(DeliveryStreamDescription).to.deep.include({ DeliveryStreamARN: streamArn, DeliveryStreamStatus: "ACTIVE", VersionId: "1" });
    const [destination] = DeliveryStreamDescription!.Destinations!;
    expect(destination!.ExtendedS3DestinationDescription!.BufferingHints).to.deep.equal({ SizeInMBs: 5, IntervalInSeconds: 60 });
    expect((await client.send(new ListDeliveryStreamsCommand({}))).DeliveryStreamNames).to.deep.equal(["archive"]);

    const unknown = new PutRecordCommand({ DeliveryStreamName: "none", Record: { Data: Buffer.from("x") } });
    expect(await rejectionOf(client.send(unknown))).to.have.property("name", "ResourceNotFoundException");
    expect(await rejectionOf(put("x".repeat(1000 * 1024 + 1)))).to.have.property("name", "ValidationException");
    const none = new PutRecordBatchCommand({ DeliveryStreamName: "archive", Records: [] });
    expect(await rejectionOf(client.send(none))).to.have.property("name", "ValidationException");
  });

  for (const [what, stream, reason] of [
    ["another destination", declareStream({}, { destination: "splunk" }), /destination is "splunk"/],
    ["partitions", declareStream({ dynamicPartitioningConfiguration: {} }), /does not imitate extendedS3Configuration.dynamicPartitioning/],
    ["other processors", declareStream(processing({}, "Decompression")), /processors is \["Decompression"\], but must be \["Lambda"\]/],
    ["a role for the function", declareStream(processing({ RoleArn: "arn" })), /does not imitate the parameter RoleArn/],
    [
      "too large a batch",
      declareStream(processing({ BufferSizeInMBs: "4" })),
      /BufferSizeInMBs is "4", but must be a number from 0.2 to 3/,
    ],
    ["failed records without a folder", declareStream({ ...processing(), prefix: "", errorOutputPrefix: undefined }), /errorOutputPrefix/],
    ["other compression", declareStream({ compressionFormat: "Snappy" }), /compressionFormat is "Snappy"/],
    ["a buffer that is too large", declareStream({ bufferingSize: 129 }), /bufferingSize is 129, but must be a whole number from 1 to 128/],
    ["a Kinesis stream as its source", declareStream({}, { kinesisSourceConfiguration: {} }), /kinesisSourceConfiguration/],
  ] as const) {
    it(`refuses ${what} by name`, async () => {
      expect(await rejectionOf(start(bucket, stream)))
        .to.have.property("message")
        .that.matches(reason);
      await start(bucket);
    });
  }

  describe("with a function", () => {
    const invoker = rolePolicy("writer", mayPut, { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: functionArn });
    const startWith = (body: string, parameters = {}) => {
      const code = `let calls = 0; exports.handler = async ({ records, ...rest }) => {
        calls += 1;
        const textOf = data => Buffer.from(data, "base64").toString();
        const give = (record, result, text) => ({ recordId: record.recordId, result, data: Buffer.from(text).toString("base64") });
        ${body}
      }`;
      const stream = declareStream({ compressionFormat: "UNCOMPRESSED", ...processing(parameters) });
      return start(bucket, writer[0]!, invoker, declareRole(), declareFunction({ code }), stream);
    };
    const advance = (seconds: number) => laptop.cloud.clock.advanceInSteps(seconds);
    const readAll = async (folder: string) => {
      const keys = (await listKeys()).filter(key => key.startsWith(folder));
      return (await Promise.all(keys.map(read))).map(String).join("");
    };
    /** The lines of the objects with what failed, without times. */
    const readFailed = async () =>
      (await readAll("errors/processing-failed/"))
        .split("\n")
        .slice(0, -1)
        .map(line => JSON.parse(line))
        .map(({ arrivalTimestamp, attemptEndingTimestamp, rawData, ...rest }) => ({
          ...rest,
          raw: Buffer.from(rawData, "base64").toString(),
        }));

    it("writes the records that the function returns, omits those that it drops, and writes failed ones to another folder", async () => {
      await startWith(`return { records: records.map(record => {
        const text = textOf(record.data);
        if (text === "drop") return { recordId: record.recordId, result: "Dropped" };
        return give(record, text === "fail" ? "ProcessingFailed" : "Ok", text.toUpperCase() + rest.region);
      }) };`);
      for (const text of ["a", "drop", "fail", "b"]) await put(text);
      await advance(59);
      expect(laptop.cloud.calls.all().some(({ operation }) => operation === "Invoke")).to.equal(false);

      await advance(61);

      await eventually(async () => expect(await readAll("messages/")).to.equal("Aus-east-1Bus-east-1"));
      expect(await readFailed()).to.deep.equal([
        {
          attemptsMade: 1,
          errorCode: "Lambda.ProcessingFailedStatus",
          errorMessage: "ProcessingFailed status set for record.",
          lambdaArn: `${functionArn}:$LATEST`,
          raw: "fail",
        },
      ]);
    });

    it("invokes the function with a batch as soon as it is full, and never with more", async () => {
      await startWith(`return { records: records.map(record => give(record, "Ok", records.length + ";")) };`, { BufferSizeInMBs: "0.5" });
      const Records = [1, 2, 3].map(digit => ({ Data: Buffer.alloc(200 * 1024, String(digit)) }));
      await client.send(new PutRecordBatchCommand({ DeliveryStreamName: "archive", Records }));
      const invocations = () => laptop.cloud.calls.all().filter(({ operation }) => operation === "Invoke").length;
      await eventually(() => invocations() === 1);
      await advance(61);
      await advance(61);
      await eventually(async () => expect((await readAll("messages/")).split(";").sort()).to.deep.equal(["", "1", "2", "2"]));
    });

    it("invokes a failing function again, also after a restart", async () => {
      const failing = `if (calls < 3) throw new Error("not yet"); return { records: records.map(record => give(record, "Ok", "call " + calls)) };`;
      await startWith(failing);
      await put("a");
      await laptop.stop();
      await startWith(failing);
      await advance(130);
      await eventually(async () => expect(await readAll("messages/")).to.equal("call 3"));
      expect(await readFailed()).to.deep.equal([]);
    });

    for (const [answer, errorCode, attemptsMade] of [
      ['throw new Error("no")', "Lambda.FunctionError", 2],
      ["return {}", "Lambda.JsonProcessingException", 1],
      ["return { records: [] }", "Lambda.MissingRecordId", 1],
      ['return { records: [...records, ...records].map(record => give(record, "Ok", "x")) }', "Lambda.DuplicatedRecordId", 1],
      ['return { records: records.map(record => give(record, "ok", "x")) }', "Lambda.JsonProcessingException", 1],
    ] as const) {
      it(`keeps the records apart of a function that answers: ${answer}`, async () => {
        await startWith(answer, { NumberOfRetries: "1" });
        await put("a");
        await advance(70);
        const [failed] = await eventually(async () => ((await readFailed()).length > 0 ? readFailed() : undefined));
        expect(failed).to.include({ errorCode, attemptsMade, raw: "a" });
        expect(await readAll("messages/")).to.equal("");
      });
    }

    it("needs a role that may invoke it", async () => {
      const code = "exports.handler = async () => ({})";
      const stream = declareStream({ compressionFormat: "UNCOMPRESSED", ...processing({ NumberOfRetries: "0" }) });
      await start(bucket, ...writer, declareRole(), declareFunction({ code }), stream);
      await put("a");
      await advance(61);
      const [failed] = await eventually(async () => ((await readFailed()).length > 0 ? readFailed() : undefined));
      expect(failed).to.include({ errorCode: "Lambda.InvokeAccessDenied" });
    });
  });

  describe("as a subscriber of a topic", () => {
    const subscription = (inputs: object = {}): Declared => ({
      type: "aws:sns/topicSubscription:TopicSubscription",
      name: "archive",
      inputs: {
        topic: topicArn,
        protocol: "firehose",
        endpoint: streamArn,
        subscriptionRoleArn: roleArn("sender"),
        redrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("lost") }),
        ...inputs,
      },
    });
    const sender = (action: string) => [
      roleNamed("sender", { assumeRolePolicy: trusting("sns.amazonaws.com") }),
      rolePolicy("sender", { Effect: "Allow", Action: action, Resource: streamArn }),
    ];
    const publish = (Message: string) =>
      new SNSClient(laptop.client).send(
        new PublishCommand({ TopicArn: topicArn, Message, MessageAttributes: { door: { DataType: "String", StringValue: "events" } } }),
      );

    it("gets each notification as a line of JSON with its attributes", async () => {
      await start(
        bucket,
        ...writer,
        declareStream(),
        declareTopic(),
        declareQueue("lost"),
        ...sender("firehose:PutRecord"),
        subscription(),
      );
      const { MessageId } = await publish('{"text":"two\\nlines"}');
      await eventually(() => laptop.cloud.calls.all().some(({ operation, error }) => operation === "PutRecord" && error === null));

      await laptop.cloud.clock.advanceInSteps(61);

      const [key] = await eventually(async () => ((await listKeys()).length > 0 ? listKeys() : undefined));
      const [line, ...rest] = gunzipSync(await read(key!))
        .toString()
        .split("\n");
      expect(rest).to.deep.equal([""]);
      expect(JSON.parse(line!)).to.deep.include({
        Type: "Notification",
        MessageId,
        TopicArn: topicArn,
        Message: '{"text":"two\\nlines"}',
        MessageAttributes: { door: { Type: "String", Value: "events" } },
      });
    });

    it("sends what its role may not put to the dead letters", async () => {
      await start(
        bucket,
        ...writer,
        declareStream(),
        declareTopic(),
        declareQueue("lost"),
        ...sender("firehose:PutRecordBatch"),
        subscription(),
      );
      await publish("{}");

      const QueueUrl = `${laptop.cloud.place.awsUrl}/${place.account}/lost`;
      const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] });
      await eventually(async () => (await new SQSClient(laptop.client).send(request)).Attributes?.["ApproximateNumberOfMessages"] === "1");
    });

    it("needs a role, which other protocols refuse", async () => {
      const { subscriptionRoleArn: _, ...withoutRole } = subscription().inputs;
      const refused = [{ ...subscription(), inputs: withoutRole }, subscription({ protocol: "sqs", endpoint: queueArn("lost") })];
      for (const each of refused)
        expect(await rejectionOf(start(declareTopic(), each)))
          .to.have.property("message")
          .that.matches(/SubscriptionRoleArn/);
      await start(bucket);
    });
  });
});
