import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetEventSourceMappingCommand, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { sqs } from "../../../src/services/sqs";
import { declareRole, meet, startFunctions } from "./functions-under-test";

const queueArn = "arn:aws:sqs:us-east-1:000000000000:inbox";

/** Logs its event, so that a test sees it, and returns the answer that the test sets. */
const reporting = (answer: string) => `exports.handler = async event => { console.log(JSON.stringify(event)); ${answer} };`;

describe("lambda event source mapping", () => {
  let laptop: Awaited<ReturnType<typeof startFunctions>> | undefined;
  const start = async (
    answer: string,
    inputs: Record<string, unknown> = {},
    queueInputs: Record<string, unknown> = {},
    role = declareRole(),
  ) => {
    laptop = await startFunctions({
      functions: [{ code: reporting(answer) }],
      resources: [
        { type: "aws:sqs/queue:Queue", name: "inbox", inputs: queueInputs },
        {
          type: "aws:lambda/eventSourceMapping:EventSourceMapping",
          name: "mapping",
          inputs: { eventSourceArn: queueArn, functionName: "worker", ...inputs },
        },
      ],
      definitions: [sqs],
      role,
    });
    const { cloud, client } = laptop;
    const queue = new SQSClient(laptop.clientConfig);
    const QueueUrl = `${cloud.place.awsUrl}/000000000000/inbox`;
    // biome-ignore lint/suspicious/noExplicitAny: events are what the function logs.
    const batches = (): any[][] =>
      cloud.occurrences.all().flatMap(({ kind, detail }) => {
        const line = kind === "log" ? String(detail!["line"]).split("\t")[3]! : "";
        return line.startsWith('{"Records"') ? [JSON.parse(line).Records] : [];
      });
    return {
      cloud,
      client,
      send: (MessageBody: string, more: object = {}) => queue.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more })),
      sendAll: (bodies: string[]) =>
        queue.send(
          new SendMessageBatchCommand({ QueueUrl, Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })) }),
        ),
      batches,
      bodies: () => batches().flatMap(records => records.map(({ body }) => body as string)),
      left: async () => {
        const { Attributes } = await queue.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
        return Number(Attributes!["ApproximateNumberOfMessages"]) + Number(Attributes!["ApproximateNumberOfMessagesNotVisible"]);
      },
    };
  };
  afterEach(async () => {
    sinon.restore();
    await laptop?.stop();
    laptop = undefined;
  });

  it("invokes with Lambda's records and deletes the messages", async () => {
    const { send, batches, left } = await start("");
    await send("hello", { MessageAttributes: { door: { DataType: "String", StringValue: "events" } } });
    const [record] = await eventually(() => batches()[0]);
    expect(record).to.include({ body: "hello", eventSource: "aws:sqs", eventSourceARN: queueArn, awsRegion: "us-east-1" });
    expect(record.messageAttributes).to.deep.equal({
      door: { stringValue: "events", dataType: "String", stringListValues: [], binaryListValues: [] },
    });
    expect(record.attributes).to.include({ ApproximateReceiveCount: "1" });
    expect(record).to.have.all.keys(
      "messageId",
      "receiptHandle",
      "body",
      "attributes",
      "messageAttributes",
      "md5OfMessageAttributes",
      "md5OfBody",
      "eventSource",
      "eventSourceARN",
      "awsRegion",
    );
    await eventually(async () => (await left()) === 0);
  });

  it("leaves a failed batch until its visibility timeout ends", async () => {
    const { send, batches, cloud, left } = await start(
      "if (event.Records[0].attributes.ApproximateReceiveCount === '1') throw new Error('once');",
    );
    await send("hello");
    await eventually(() => cloud.occurrences.all().some(({ kind, detail }) => kind === "invoked" && detail!["error"]));
    expect(await left()).to.equal(1);
    cloud.clock.advance(31);
    await eventually(() => batches().length === 2);
    await eventually(async () => (await left()) === 0);
  });

  describe("with ReportBatchItemFailures", () => {
    const reports = { functionResponseTypes: ["ReportBatchItemFailures"], maximumBatchingWindowInSeconds: 1, batchSize: 3 };
    const cases: [what: string, answer: string, left: number][] = [
      [
        "leaves the named messages",
        "return { batchItemFailures: event.Records.filter(r => r.body === 'b').map(r => ({ itemIdentifier: r.messageId })) };",
        1,
      ],
      ["takes an empty list as success", "return { batchItemFailures: [] };", 0],
      ["takes no answer as success", "", 0],
      ["takes an unknown id as failure of all", "return { batchItemFailures: [{ itemIdentifier: 'none' }] };", 3],
      ["takes an empty id as failure of all", "return { batchItemFailures: [{ itemIdentifier: '' }] };", 3],
      ["takes a wrong shape as failure of all", "return { batchItemFailures: 'x' };", 3],
    ];
    for (const [what, answer, expected] of cases) {
      it(what, async () => {
        const { sendAll, cloud, left, bodies } = await start(answer, reports);
        await sendAll(["a", "b", "c"]);
        await eventually(() => cloud.occurrences.all().some(({ kind }) => kind === "invoked"));
        expect(bodies().sort()).to.deep.equal(["a", "b", "c"]);
        await eventually(async () => (await left()) === expected);
        const deletes = () => cloud.calls.all().filter(({ operation }) => operation === "DeleteMessageBatch").length;
        // A call is recorded when it is answered, a moment after its effect.
        await eventually(() => deletes() === (expected === 3 ? 0 : 1));
      });
    }
  });

  it("gathers a batch beyond ten within its window", async () => {
    const { sendAll, batches, cloud } = await start(
      "",
      { batchSize: 25, maximumBatchingWindowInSeconds: 60 },
      { visibilityTimeoutSeconds: 300 },
    );
    for (const ten of ["a", "b"]) await sendAll(Array.from({ length: 10 }, (_, index) => `${ten}${index}`));
    await eventually(() => cloud.occurrences.all().filter(({ kind }) => kind === "receive").length === 20);
    expect(batches()).to.deep.equal([]);
    cloud.clock.advance(61);
    await eventually(() => batches()[0]);
    expect(batches().map(records => records.length)).to.deep.equal([20]);
  });

  it("delivers messages that match its filters and deletes the others", async () => {
    const filterCriteria = { filters: [{ pattern: '{"body":{"kind":["wanted"]}}' }] };
    const { send, bodies, left } = await start("", { filterCriteria });
    await send('{"kind":"other"}');
    await send("no JSON");
    await send('{"kind":"wanted"}');
    await eventually(async () => (await left()) === 0);
    expect(bodies()).to.deep.equal(['{"kind":"wanted"}']);
  });

  it("runs no more batches at once than its concurrency", async () => {
    const meetingPlace = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
    // Two invocations wait for each other. A third one would run at the same time.
    const answer = `${meet} await meet(${JSON.stringify(meetingPlace)}); await new Promise(resolve => setTimeout(resolve, 100));`;
    const { sendAll, bodies, cloud } = await start(answer, { batchSize: 1, scalingConfig: { maximumConcurrency: 2 } });
    await sendAll(["a", "b", "c", "d", "e", "f"]);
    await eventually(() => cloud.occurrences.all().filter(({ kind }) => kind === "invoked").length === 6);
    await rm(meetingPlace, { recursive: true });
    expect(bodies()).to.have.length(6);
    let underWay = 0;
    let most = 0;
    for (const { kind } of cloud.occurrences.all()) {
      if (kind === "invoke") most = Math.max(most, ++underWay);
      if (kind === "invoked") underWay--;
    }
    expect(most).to.equal(2);
  });

  it("passes on the message's trace", async () => {
    const { send, cloud } = await start("");
    const root = "1-65000000-0123456789abcdef01234567";
    await send("x", {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: `Root=${root};Parent=0123456789abcdef;Sampled=1` } },
    });
    const { trace, from } = await eventually(() => cloud.occurrences.all().find(({ kind }) => kind === "invoke"));
    expect({ trace, from }).to.deep.equal({ trace: root, from: "inbox" });
  });

  it("is switched off and on through the API", async () => {
    const { send, batches, client } = await start("");
    const { EventSourceMappings } = await client.send(new ListEventSourceMappingsCommand({ FunctionName: "worker" }));
    const UUID = EventSourceMappings![0]!.UUID!;
    expect(EventSourceMappings![0]).to.include({ EventSourceArn: queueArn, BatchSize: 10, State: "Enabled" });
    await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    expect((await client.send(new GetEventSourceMappingCommand({ UUID }))).State).to.equal("Disabled");
    await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
    await send("hello");
    await eventually(() => batches()[0]);
  });

  it("logs once that its role may not poll, and polls when it may", async () => {
    const said = sinon.stub(console, "error");
    const { cloud } = await start("", {}, {}, declareRole(["sqs:GetQueueAttributes", "logs:*"]));
    await eventually(() => said.calledWithMatch(/worker can't poll .*inbox: .*sqs:ReceiveMessage/));
    cloud.clock.advance(5);
    await eventually(() => cloud.calls.all().filter(({ operation }) => operation === "ReceiveMessage").length >= 2);
    expect(said.getCalls().filter(({ args }) => /can't poll/.test(String(args[0])))).to.have.length(1);
  });

  it("is refused if a message may become visible while it is processed", async () => {
    const outcome = await start("", {}, { visibilityTimeoutSeconds: 1 }).then(
      () => "started",
      (error: Error) => error.message,
    );
    expect(outcome).to.match(/visibility timeout of .*inbox is 1 s, less than the timeout of "worker" \(30 s\)/);
  });
});
