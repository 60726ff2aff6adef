import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetAccountSettingsCommand,
  GetEventSourceMappingCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { strToU8, zipSync } from "fflate";
import { iam } from "../../../src/services/iam";
import { lambda } from "../../../src/services/lambda";
import { logs } from "../../../src/services/logs";
import { sns } from "../../../src/services/sns";
import { sqs } from "../../../src/services/sqs";
import { declareFunction, declareRole } from "./functions-under-test";

/** A function and everything that belongs to it, created with stock clients. */
describe("lambda functions created by API calls", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let functions: LambdaClient;
  let queues: SQSClient;

  // One declared function, because a service starts only if the program declares one of its resources.
  const start = async () => {
    const queue = { type: "aws:sqs/queue:Queue", name: "declared", inputs: {} };
    const topic = { type: "aws:sns/topic:Topic", name: "declared", inputs: {} };
    const declared = declareFunction({ name: "declared", code: "exports.handler = async () => 1;" });
    laptop = await startLaptop({
      definitions: [iam, logs, sqs, sns, lambda],
      resources: [declareRole(), declared, queue, topic],
      directory,
    });
    functions = new LambdaClient({ ...laptop.client, maxAttempts: 1 });
    queues = new SQSClient(laptop.client);
  };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-by-hand-"));
    await start();
    const policies = new IAMClient(laptop.client);
    const allow = (...Action: string[]) => ({ Effect: "Allow", Action, Resource: "*" });
    const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } };
    const document = (Statement: object) => JSON.stringify({ Version: "2012-10-17", Statement });
    const { Role } = await policies.send(new CreateRoleCommand({ RoleName: "hand", AssumeRolePolicyDocument: document(trust) }));
    const PolicyDocument = document(allow("sqs:*", "logs:*"));
    await policies.send(new PutRolePolicyCommand({ RoleName: "hand", PolicyName: "own", PolicyDocument }));
    const ZipFile = zipSync({
      "index.js": strToU8('exports.handler = async event => { console.log("got " + JSON.stringify(event)); };'),
    });
    await functions.send(
      new CreateFunctionCommand({
        FunctionName: "hand",
        Role: Role!.Arn!,
        Handler: "index.handler",
        Runtime: "nodejs22.x",
        Timeout: 20,
        Code: { ZipFile },
      }),
    );
  });
  afterEach(async () => {
    await laptop.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const refusalOf = (work: Promise<unknown>) =>
    work.then(
      () => "taken",
      (error: Error) => `${error.name}: ${error.message}`,
    );
  const receives = (text: string) =>
    eventually(() => laptop.cloud.occurrences.all().some(({ kind, detail }) => kind === "log" && String(detail?.["line"]).includes(text)));
  const createQueue = async (name = "inbox", VisibilityTimeout = "30") => {
    const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout } }));
    const { Attributes } = await queues.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
    return { QueueUrl: `${laptop.cloud.place.awsUrl}/000000000000/${name}`, arn: Attributes!["QueueArn"]! };
  };
  const map = (EventSourceArn: string, more: object = {}) =>
    functions.send(new CreateEventSourceMappingCommand({ FunctionName: "hand", EventSourceArn, BatchSize: 1, ...more }));

  describe("event sources", () => {
    it("deliver messages, also after a restart, until they are deleted", async () => {
      const { QueueUrl, arn } = await createQueue();
      const { UUID, State } = await map(arn);
      expect(State).to.equal("Enabled");
      await queues.send(new SendMessageCommand({ QueueUrl, MessageBody: "first" }));
      await receives("first");

      await laptop.stop();
      await start();
      const again = (await createQueue()).QueueUrl;
      await queues.send(new SendMessageCommand({ QueueUrl: again, MessageBody: "second" }));
      await receives("second");

      expect((await functions.send(new DeleteEventSourceMappingCommand({ UUID }))).State).to.equal("Deleting");
      expect((await functions.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings).to.deep.equal([]);
      expect(await refusalOf(functions.send(new GetEventSourceMappingCommand({ UUID })))).to.match(/^ResourceNotFoundException/);
    });

    it("are refused under the same conditions as on AWS", async () => {
      const { arn } = await createQueue();
      await map(arn);
      expect(await refusalOf(map(arn))).to.match(/^ResourceConflictException.*already exists/);
      expect(await refusalOf(map((await createQueue("short", "1")).arn))).to.match(/^InvalidParameterValueException.*visibility timeout/);
      expect(await refusalOf(map("arn:aws:kinesis:us-east-1:000000000000:stream/s"))).to.match(
        /^InvalidParameterValueException.*polls SQS queues/,
      );
      expect(await refusalOf(map((await createQueue("other")).arn, { BatchSize: 0 }))).to.match(
        /^InvalidParameterValueException.*batchSize is 0/,
      );
      expect(await refusalOf(map(arn, { FunctionName: "nobody" }))).to.match(/^ResourceNotFoundException/);
    });
  });

  describe("permissions", () => {
    const add = (StatementId = "topic", SourceArn?: string) =>
      functions.send(
        new AddPermissionCommand({
          FunctionName: "hand",
          StatementId,
          Action: "lambda:InvokeFunction",
          Principal: "sns.amazonaws.com",
          ...(SourceArn === undefined ? {} : { SourceArn }),
        }),
      );

    it("allow a topic to invoke as soon as they are added", async () => {
      const topics = new SNSClient(laptop.client);
      const { TopicArn } = await topics.send(new CreateTopicCommand({ Name: "news" }));
      const { Statement } = await add("topic", TopicArn);
      expect(JSON.parse(Statement!)).to.deep.include({ Sid: "topic", Principal: { Service: "sns.amazonaws.com" } });
      await topics.send(
        new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint: "arn:aws:lambda:us-east-1:000000000000:function:hand" }),
      );
      await topics.send(new PublishCommand({ TopicArn, Message: "extra, extra" }));
      await receives("extra, extra");
    });

    it("have unique statement ids, and can be removed", async () => {
      await add();
      expect(await refusalOf(add())).to.match(/^ResourceConflictException/);
      await functions.send(new RemovePermissionCommand({ FunctionName: "hand", StatementId: "topic" }));
      expect(await refusalOf(functions.send(new GetPolicyCommand({ FunctionName: "hand" })))).to.match(/^ResourceNotFoundException/);
      const remove = new RemovePermissionCommand({ FunctionName: "hand", StatementId: "topic" });
      expect(await refusalOf(functions.send(remove))).to.match(/^ResourceNotFoundException/);
      expect(await refusalOf(add("two words"))).to.match(/^InvalidParameterValueException.*"two words"/);
    });
  });

  it("use the latest event settings", async () => {
    const FunctionName = "hand";
    const OnFailure = { Destination: (await createQueue("failed")).arn };
    await functions.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 0, DestinationConfig: { OnFailure } }),
    );
    await functions.send(new UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumEventAgeInSeconds: 60 }));
    const read = () => functions.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }));
    expect(await read()).to.deep.include({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure, OnSuccess: {} },
    });
    await functions.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 }));
    expect(await read()).to.deep.include({
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: {}, OnSuccess: {} },
    });
    await functions.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
    expect(await refusalOf(read())).to.match(/^ResourceNotFoundException/);
    const wrong = new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 3 });
    expect(await refusalOf(functions.send(wrong))).to.match(/^InvalidParameterValueException.*must be 0, 1 or 2/);
  });

  it("run up to their reserved concurrency", async () => {
    const FunctionName = "hand";
    await functions.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 }));
    const read = async () => (await functions.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions;
    expect(await read()).to.equal(1);
    const { AccountLimit, AccountUsage } = await functions.send(new GetAccountSettingsCommand({}));
    expect(AccountLimit).to.include({ ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 999 });
    expect(AccountUsage?.FunctionCount).to.be.above(0);
    await functions.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(await read()).to.equal(undefined);
    const wrong = new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: -1 });
    expect(await refusalOf(functions.send(wrong))).to.match(/^InvalidParameterValueException.*-1/);
  });
});
