import { GetFunctionEventInvokeConfigCommand, InvokeCommand } from "@aws-sdk/client-lambda";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Declared } from "../../../src/kernel/service";
import { busyLimit } from "../../../src/services/lambda/fleet";
import { sqs } from "../../../src/services/sqs";
import { declareRole, type FunctionUnderTest, startFunctions } from "./functions-under-test";

const queueArn = "arn:aws:sqs:us-east-1:000000000000:outcomes";
const failing = "let calls = 0; exports.handler = async event => { calls++; throw new Error('no ' + event.word + ' (' + calls + ')'); };";

describe("lambda events", () => {
  let laptop: Awaited<ReturnType<typeof startFunctions>>;
  const start = async (
    worker: FunctionUnderTest,
    config?: Record<string, unknown>,
    others: Partial<Parameters<typeof startFunctions>[0]> = {},
  ) => {
    const resources: Declared[] = [{ type: "aws:sqs/queue:Queue", name: "outcomes", inputs: {} }];
    if (config !== undefined) {
      const inputs = { functionName: "worker", ...config };
      resources.push({ type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", name: "config", inputs });
    }
    laptop = await startFunctions({ functions: [worker], resources, definitions: [sqs], ...others });
    const { cloud, client, invoke } = laptop;
    const queue = new SQSClient(laptop.clientConfig);
    const occurred = (kind: string) =>
      cloud.occurrences.all().filter(occurrence => occurrence.kind === kind && occurrence.from !== "outcomes");
    return {
      cloud,
      client,
      occurred,
      send: async (event: unknown) => (await invoke(event, { InvocationType: "Event" })).StatusCode,
      /** Waits for the n-th occurrence of a kind. */
      until: (kind: string, count: number) => eventually(() => occurred(kind)[count - 1]),
      receive: () =>
        eventually(async () => {
          const { Messages } = await queue.send(
            new ReceiveMessageCommand({ QueueUrl: `${cloud.place.awsUrl}/000000000000/outcomes`, MessageAttributeNames: ["All"] }),
          );
          return Messages?.[0];
        }),
    };
  };
  beforeEach(() => {
    // The cloud logs lost and refused events; only a test needs to see them.
    sinon.stub(console, "error");
  });
  afterEach(async () => {
    sinon.restore();
    await laptop.stop();
  });

  it("are accepted before they run", async () => {
    const { send, until } = await start({ code: "exports.handler = async () => 1;" });
    expect(await send({ word: "a" })).to.equal(202);
    expect((await until("invoked", 1)).detail).to.include({ type: "Event", cold: true });
  });

  it("let callers go first who wait for an environment", async () => {
    const calls = 4 * busyLimit;
    laptop = await startFunctions({
      functions: [
        { code: "exports.handler = () => new Promise(resolve => setTimeout(resolve, 50));" },
        { name: "reader", code: "exports.handler = async () => 1;" },
      ],
    });
    const { client, cloud, invoke } = laptop;
    await invoke({});
    const answers = Promise.all(Array.from({ length: calls }, () => invoke({})));
    await eventually(() => cloud.occurrences.all().filter(({ kind }) => kind === "invoke").length === calls + 1);
    await client.send(new InvokeCommand({ FunctionName: "reader", InvocationType: "Event" }));
    await answers;
    await eventually(() => cloud.occurrences.all().some(({ kind, from }) => kind === "invoked" && from === "reader"));
    const order = cloud.occurrences.all().flatMap(({ kind, from, to }) => (kind === "invoked" ? [from] : to === "reader" ? ["event"] : []));
    expect(order.indexOf("event")).to.be.at.least(busyLimit);
  });

  describe("while time is moved by hours", () => {
    const deadLetterConfig = { targetArn: queueArn };
    const failsOnce = "let calls = 0; exports.handler = async () => { calls++; if (calls === 1) throw new Error('not yet'); };";

    it("are retried when they are due, and not dropped for their age", async () => {
      const { send, until, occurred, cloud } = await start(
        { code: failsOnce, inputs: { deadLetterConfig } },
        { maximumEventAgeInSeconds: 3600 },
      );
      await send({});
      await until("retry", 1);
      await cloud.clock.advanceInSteps(3600);
      await cloud.clock.advanceInSteps(3600);
      expect((await until("invoked", 2)).detail).not.to.have.property("error");
      expect(occurred("dead-letter")).to.deep.equal([]);
    });

    it("do not expire before they run", async () => {
      const { send, until, occurred, cloud } = await start(
        { code: "exports.handler = async () => {};", inputs: { deadLetterConfig } },
        { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 0 },
      );
      let isSending = true;
      const sending = Promise.all(Array.from({ length: 20 }, () => send({}))).then(() => (isSending = false));
      while (isSending) await Promise.all([cloud.clock.advanceInSteps(3600), new Promise(setImmediate)]);
      await sending;
      await until("invoked", 20);
      expect(occurred("dead-letter")).to.deep.equal([]);
    });
  });

  it("are retried after one and two minutes, and then go unchanged to the dead-letter queue", async () => {
    const { send, until, occurred, cloud, receive } = await start({ code: failing, inputs: { deadLetterConfig: { targetArn: queueArn } } });
    await send({ word: "luck" });
    const first = await until("retry", 1);
    expect(Number(first.detail!["dueMs"]) - first.atMs).to.be.closeTo(60_000, 2000);
    cloud.clock.advance(59);
    expect(occurred("invoke")).to.have.length(1);
    cloud.clock.advance(2);
    const second = await until("retry", 2);
    expect(Number(second.detail!["dueMs"]) - second.atMs).to.be.closeTo(120_000, 2000);
    cloud.clock.advance(121);
    const message = await receive();
    expect(JSON.parse(message.Body!)).to.deep.equal({ word: "luck" });
    const requestId = String(first.detail!["requestId"]);
    expect(message.MessageAttributes!["RequestID"]).to.include({ DataType: "String", StringValue: requestId });
    expect(message.MessageAttributes!["ErrorCode"]).to.include({ DataType: "Number", StringValue: "200" });
    expect(message.MessageAttributes!["ErrorMessage"]).to.include({ DataType: "String", StringValue: "no luck (3)" });
    expect((await until("dead-letter", 1)).to).to.equal("outcomes");
    expect(occurred("invoked").map(({ detail }) => detail!["requestId"])).to.deep.equal(Array(3).fill(requestId));
    expect(new Set(cloud.occurrences.all().flatMap(({ kind, trace }) => (kind === "invoke" ? [trace] : []))).size).to.equal(1);
  });

  it("go to the destination for failures, in Lambda's record", async () => {
    const destinationConfig = { onFailure: { destination: queueArn } };
    const { send, receive, client } = await start({ code: failing }, { maximumRetryAttempts: 0, destinationConfig });
    await send({ word: "luck" });
    const record = JSON.parse((await receive()).Body!);
    expect(record).to.deep.include({
      version: "1.0",
      requestPayload: { word: "luck" },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    });
    expect(record.requestContext).to.deep.include({
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:worker:$LATEST",
      condition: "RetriesExhausted",
      approximateInvokeCount: 1,
    });
    expect(record.responsePayload).to.include({ errorType: "Error", errorMessage: "no luck (1)" });
    expect(record.timestamp).to.match(/^\d{4}-\d\d-\d\dT/);
    const config = await client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: "worker" }));
    expect(config).to.include({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 21_600 });
    expect(config.DestinationConfig!.OnFailure).to.deep.equal({ Destination: queueArn });
  });

  it("go to the destination for successes", async () => {
    const { send, receive } = await start(
      { code: "exports.handler = async () => 'done';" },
      { destinationConfig: { onSuccess: { destination: queueArn } } },
    );
    await send({ word: "luck" });
    const record = JSON.parse((await receive()).Body!);
    expect(record).to.deep.include({ requestPayload: { word: "luck" }, responsePayload: "done" });
    expect(record.requestContext).to.include({ condition: "Success", approximateInvokeCount: 1 });
  });

  it("expire if their function is always throttled", async () => {
    const inputs = { reservedConcurrentExecutions: 0, deadLetterConfig: { targetArn: queueArn } };
    const { send, until, cloud, receive } = await start({ code: failing, inputs }, { maximumEventAgeInSeconds: 60 });
    await send({ word: "late" });
    const first = await until("retry", 1);
    expect(first.detail!["error"]).to.equal("TooManyRequestsException");
    cloud.clock.advance(61);
    const { MessageAttributes } = await receive();
    expect(MessageAttributes!["ErrorCode"]!.StringValue).to.equal("429");
  });

  it("are recorded if a missing grant prevents their delivery", async () => {
    const inputs = { deadLetterConfig: { targetArn: queueArn } };
    const role = declareRole(["logs:*"]);
    const { send, until } = await start({ code: failing, inputs }, { maximumRetryAttempts: 0 }, { role });
    await send({ word: "x" });
    expect((await until("dead-letter", 1)).detail!["error"]).to.contain("sqs:SendMessage");
    sinon.assert.calledWithMatch(console.error as sinon.SinonStub, /"worker" could not hand event .* to .*outcomes: .*sqs:SendMessage/);
  });

  it("are logged as lost without a destination", async () => {
    const { send } = await start({ code: failing }, { maximumRetryAttempts: 0 });
    await send({ word: "x" });
    await eventually(() => (console.error as sinon.SinonStub).calledWithMatch(/"worker" failed on event .*no dead-letter queue/));
  });

  it("are retried if their environment is killed", async () => {
    const code = "exports.handler = async () => process.kill(process.pid, 'SIGKILL');";
    const { send, until, cloud, occurred } = await start({ code });
    await send({});
    expect((await until("retry", 1)).detail!["error"]).to.contain("Runtime.ExitError");
    cloud.clock.advance(61);
    await until("invoked", 2);
    expect(occurred("invoke").map(({ detail }) => detail!["attempt"])).to.deep.equal([1, 2]);
  });
});
