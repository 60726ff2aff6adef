import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
  SchedulerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateScheduleCommand,
  ValidationException,
} from "@aws-sdk/client-scheduler";
import { eventually, rejectionOf, startKillableCloud, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { AwsError } from "../../../src/kernel/aws-error";
import type { FunctionCaller } from "../../../src/kernel/caller";
import type { Declared, PolicyStatement } from "../../../src/kernel/service";
import { iam } from "../../../src/services/iam";
import { scheduler } from "../../../src/services/scheduler";
import { createFakeServices, type Received } from "./fake-services";
import { group, roleArn, schedule, schedulerRole, targetArn } from "./program";

const deadLettersArn = "arn:aws:sqs:us-east-1:000000000000:dead-letters";

/** The error with which a call to AWS fails. */
const refusalOf = (call: Promise<unknown>) => rejectionOf<Error>(call);

describe("scheduler", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: SchedulerClient;
  let received: Received[] = [];
  let answer: (received: Received) => object = () => ({});

  const start = async (...resources: Declared[]) => {
    const services = createFakeServices(call => {
      received.push(call);
      return answer(call);
    });
    laptop = await startLaptop({ definitions: [iam, scheduler, ...services], resources: [...schedulerRole(), ...resources], directory });
    client = new SchedulerClient({ ...laptop.client, maxAttempts: 1 });
  };
  const advance = (seconds: number) => laptop.cloud.clock.advance(seconds);
  const payloads = () => received.map(({ input }) => input.Payload);
  const create = (Name: string, more: Partial<CreateScheduleCommandInput> = {}) =>
    client.send(
      new CreateScheduleCommand({
        Name,
        ScheduleExpression: "rate(1 hour)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: targetArn, RoleArn: roleArn, Input: Name },
        ...more,
      }),
    );
  const atIn = (seconds: number) => `at(${new Date(laptop.cloud.clock.nowMs() + seconds * 1000).toISOString().slice(0, 19)})`;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
    received = [];
    answer = () => ({});
  });
  afterEach(async () => {
    sinon.restore();
    await laptop.stop();
    await rm(directory, { recursive: true, force: true });
  });

  describe("schedules of the program", () => {
    it("fire at their rate, starting at once", async () => {
      await start(schedule("relay"));
      await eventually(() => received.length === 1);
      advance(60);
      await eventually(() => received.length === 2);
      expect(received[0]).to.include({ service: "lambda", operation: "Invoke" });
      expect(received[0]!.input).to.include({ FunctionName: targetArn, InvocationType: "Event" });
      const event = JSON.parse(received[0]!.input.Payload);
      expect(event).to.include({ "detail-type": "Scheduled Event", source: "aws.scheduler", account: "000000000000" });
      expect(event.resources).to.deep.equal(["arn:aws:scheduler:us-east-1:000000000000:schedule/default/relay"]);
    });
    it("fire once for all times that were skipped", async () => {
      await start(schedule("relay"));
      await eventually(() => received.length === 1);
      advance(3600);
      await eventually(() => received.length === 2);
      const { nextMs } = { nextMs: laptop.cloud.clock.nextMs()! };
      expect(nextMs - laptop.cloud.clock.nowMs())
        .to.be.greaterThan(0)
        .and.at.most(60_000);
    });
    it("keep their schedule after a restart, and fire missed times", async () => {
      await start(schedule("relay", { scheduleExpression: "rate(1 hour)" }));
      await eventually(() => received.length === 1);
      await laptop.stop();
      await start(schedule("relay", { scheduleExpression: "rate(1 hour)" }));
      const waitedMs = laptop.cloud.clock.nextMs()! - laptop.cloud.clock.nowMs();
      expect(waitedMs).to.be.greaterThan(3_500_000);
      expect(received).to.have.length(1);
      advance(3600);
      await eventually(() => received.length === 2);
    });
    it("continue from now after the clock goes back, also those that were created while it was ahead", async () => {
      await start(schedule("relay", { scheduleExpression: "rate(1 hour)" }));
      await eventually(() => received.length === 1);
      advance(2 * 86_400);
      await eventually(() => received.length === 2);
      await create("ahead", { ScheduleExpression: "rate(2 hours)" });
      await eventually(() => received.length === 3);

      await laptop.cloud.clock.goBack();
      advance(3600);
      await eventually(() => received.length === 4);
      advance(3600);
      await eventually(() => received.length === 6);
      expect(payloads().filter(payload => payload === "ahead")).to.have.length(2);
    });
    it("are deleted when the program no longer declares them; others stay", async () => {
      await start(group, schedule("relay"));
      await create("mine", { State: "DISABLED" });
      await laptop.stop();
      await start(group);
      const { Schedules } = await client.send(new ListSchedulesCommand({}));
      expect(Schedules?.map(({ Name }) => Name)).to.deep.equal(["mine"]);
    });
    it("are refused by name if they are not imitated", () => {
      const { check } = scheduler.resources["aws:scheduler/schedule:Schedule"]!;
      const refusal = (inputs: Declared["inputs"]) => check!(schedule("relay", inputs));
      expect(refusal({})).to.equal(undefined);
      expect(refusal({ scheduleExpression: "hourly" })).to.contain('"hourly"');
      expect(refusal({ target: { arn: "arn:aws:ecs:us-east-1:1:cluster/c", roleArn } })).to.contain("arn:aws:ecs");
      expect(refusal({ target: { arn: targetArn, roleArn, ecsParameters: {} } })).to.contain("EcsParameters");
      expect(refusal({ flexibleTimeWindow: { mode: "FLEXIBLE" } })).to.contain("MaximumWindowInMinutes");
      expect(refusal({ startDate: "2026-01-02T00:00:00Z", endDate: "2026-01-01T00:00:00Z" })).to.contain("before the EndDate");
    });
  });

  describe("one-time schedules", () => {
    it("fire at their time, and are deleted", async () => {
      await start(group);
      await create("release", { GroupName: "releases", ScheduleExpression: atIn(7200), ActionAfterCompletion: "DELETE" });
      advance(7100);
      await client.send(new GetScheduleCommand({ Name: "release", GroupName: "releases" }));
      expect(received).to.deep.equal([]);
      advance(100);
      await eventually(() => received.length === 1);
      expect(payloads()).to.deep.equal(["release"]);
      const refusal = await refusalOf(client.send(new GetScheduleCommand({ Name: "release", GroupName: "releases" })));
      expect(refusal).to.be.instanceOf(ResourceNotFoundException);
    });
    it("stay after their time by default, and don't fire again", async () => {
      await start(group);
      await create("release", { ScheduleExpression: atIn(0) });
      await eventually(() => received.length === 1);
      advance(100_000);
      expect(laptop.cloud.clock.nextMs()).to.equal(undefined);
      expect((await client.send(new GetScheduleCommand({ Name: "release" }))).State).to.equal("ENABLED");
    });
    it("do not fire after their deletion", async () => {
      await start(group);
      await create("release", { ScheduleExpression: atIn(10) });
      await client.send(new DeleteScheduleCommand({ Name: "release" }));
      expect(laptop.cloud.clock.nextMs()).to.equal(undefined);
    });
    it("fire at the time of the last update only", async () => {
      await start(group);
      await create("release", { ScheduleExpression: atIn(10) });
      const Target = { Arn: targetArn, RoleArn: roleArn, Input: "updated" };
      await client.send(
        new UpdateScheduleCommand({ Name: "release", ScheduleExpression: atIn(1000), FlexibleTimeWindow: { Mode: "OFF" }, Target }),
      );
      advance(500);
      expect(laptop.cloud.clock.nextMs()).to.be.greaterThan(laptop.cloud.clock.nowMs());
      advance(500);
      await eventually(() => received.length === 1);
      expect(payloads()).to.deep.equal(["updated"]);
    });
    it("carry the trace of the request that created them", async () => {
      await start(group);
      const trace = "1-6921a3f0-0123456789abcdef01234567";
      const input = {
        Name: "release",
        ScheduleExpression: atIn(0),
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: targetArn, RoleArn: roleArn },
      };
      await laptop.cloud.call("scheduler", "CreateSchedule", input, { kind: "administrator", trace });
      await eventually(() => received.length === 1);
      expect(received[0]!.call.caller.trace).to.equal(trace);
    });
  });

  describe("recurring schedules", () => {
    it("begin at their start and end at their end", async () => {
      await start(group);
      const nowMs = laptop.cloud.clock.nowMs();
      await create("shift", { StartDate: new Date(nowMs + 3600_000), EndDate: new Date(nowMs + 2 * 3600_000 + 1000) });
      advance(3599);
      expect(laptop.cloud.clock.nextMs()! - laptop.cloud.clock.nowMs()).to.be.at.most(1100);
      advance(2);
      await eventually(() => received.length === 1);
      advance(3600);
      await eventually(() => received.length === 2);
      await eventually(() => laptop.cloud.clock.nextMs() === undefined);
    });
    it("don't fire while disabled", async () => {
      await start(group);
      await create("shift", { State: "DISABLED" });
      expect(laptop.cloud.clock.nextMs()).to.equal(undefined);
    });
  });

  describe("targets", () => {
    const fire = async (target: Partial<CreateScheduleCommandInput["Target"]>) => {
      await start(group);
      await create("t", { ScheduleExpression: atIn(0), Target: { Arn: targetArn, RoleArn: roleArn, ...target } });
      await eventually(() => received.length === 1);
      return received[0]!;
    };
    const queueArn = "arn:aws:sqs:us-east-1:000000000000:jobs";

    it("may be queues", async () => {
      const { service, operation, input } = await fire({ Arn: queueArn, Input: "work", SqsParameters: { MessageGroupId: "g" } });
      const QueueUrl = `${laptop.cloud.place.awsUrl}/000000000000/jobs`;
      expect({ service, operation, input }).to.deep.equal({
        service: "sqs",
        operation: "SendMessage",
        input: { QueueUrl, MessageBody: "work", MessageGroupId: "g" },
      });
    });
    it("may be topics", async () => {
      const Arn = "arn:aws:sns:us-east-1:000000000000:news";
      expect((await fire({ Arn, Input: "news" })).input).to.deep.equal({ TopicArn: Arn, Message: "news" });
    });
    it("may be state machines", async () => {
      const Arn = "arn:aws:states:us-east-1:000000000000:stateMachine:payroll";
      expect((await fire({ Arn })).input).to.deep.equal({ stateMachineArn: Arn, input: "{}" });
    });
    it("may be any other call", async () => {
      const Input = JSON.stringify({ TopicArn: "arn:aws:sns:us-east-1:000000000000:news", Message: "universal" });
      const { service, operation, input } = await fire({ Arn: "arn:aws:scheduler:::aws-sdk:sns:publish", Input });
      expect({ service, operation, input }).to.deep.equal({ service: "sns", operation: "Publish", input: JSON.parse(Input) });
    });
    it("get the context attributes in their input", async () => {
      const Input =
        "<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.attempt-number> <aws.scheduler.execution-id>";
      const { input } = await fire({ Input });
      expect(input.Payload).to.match(
        /^arn:aws:scheduler:us-east-1:000000000000:schedule\/default\/t \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ 1 [0-9a-f]{16}$/,
      );
    });
    it("are called with the schedule's role", async () => {
      const { call } = await fire({});
      expect(call.caller).to.include({ kind: "role", roleArn, principal: "scheduler.amazonaws.com" });
    });
  });

  describe("failures", () => {
    const deadLetters = () => received.filter(({ service }) => service === "sqs");
    const attempts = () => received.filter(({ service }) => service === "lambda");
    const failWith = (error: Error) => {
      answer = ({ service }) => {
        if (service === "lambda") throw error;
        return {};
      };
    };

    it("are retried with backoff by the retry policy, and then sent to the dead-letter queue", async () => {
      failWith(new AwsError("ServiceException", "down", 500));
      await start(group);
      const RetryPolicy = { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 };
      const Target = { Arn: targetArn, RoleArn: roleArn, Input: "{}", RetryPolicy, DeadLetterConfig: { Arn: deadLettersArn } };
      await create("t", { ScheduleExpression: atIn(0), Target });
      await eventually(() => attempts().length === 1 && laptop.cloud.clock.nextMs() !== undefined);
      advance(1);
      await eventually(() => attempts().length === 2 && laptop.cloud.clock.nextMs() !== undefined);
      advance(2);
      await eventually(() => deadLetters().length === 1);
      expect(attempts()).to.have.length(3);
      const { MessageAttributes, MessageBody, QueueUrl } = deadLetters()[0]!.input;
      expect([MessageBody, QueueUrl.split("/").at(-1)]).to.deep.equal(["{}", "dead-letters"]);
      const values = Object.fromEntries(
        Object.entries<{ StringValue: string }>(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
      );
      expect(values).to.include({
        ERROR_CODE: "ServiceException",
        ERROR_MESSAGE: "down",
        EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
        RETRY_ATTEMPTS: "2",
        TARGET_ARN: targetArn,
        SCHEDULE_ARN: "arn:aws:scheduler:us-east-1:000000000000:schedule/default/t",
      });
    });
    it("are given up when they are too old", async () => {
      failWith(new AwsError("TooManyRequestsException", "busy", 429));
      await start(group);
      const RetryPolicy = { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 60 };
      const Target = { Arn: targetArn, RoleArn: roleArn, RetryPolicy, DeadLetterConfig: { Arn: deadLettersArn } };
      await create("t", { ScheduleExpression: atIn(0), Target });
      await eventually(() => attempts().length === 1 && laptop.cloud.clock.nextMs() !== undefined);
      advance(61);
      await eventually(() => deadLetters().length === 1);
      expect(deadLetters()[0]!.input.MessageAttributes.EXHAUSTED_RETRY_CONDITION.StringValue).to.equal("MaximumEventAgeInSeconds");
    });
    it("that are client errors are not retried, and are logged without a dead-letter queue", async () => {
      failWith(new AwsError("ResourceNotFoundException", "no such function", 404));
      const output = sinon.stub(console, "error");
      await start(group);
      await create("t", { ScheduleExpression: atIn(0) });
      await eventually(() => output.called);
      expect(String(output.firstCall.args[0])).to.contain("gave up calling").and.to.contain("no such function");
      expect(laptop.cloud.clock.nextMs()).to.equal(undefined);
    });
  });

  describe("permissions", () => {
    const creator = (statements: PolicyStatement[]): Declared[] => [
      {
        type: "aws:iam/role:Role",
        name: "dibs",
        inputs: {
          assumeRolePolicy: {
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
          },
          inlinePolicies: [{ name: "p", policy: { Version: "2012-10-17", Statement: statements } }],
        },
      },
    ];
    const dibs: FunctionCaller = {
      kind: "function",
      function: "dibs",
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:dibs",
      roleArn: "arn:aws:iam::000000000000:role/dibs",
      environment: "e1",
    };
    const createAs = (caller: FunctionCaller) =>
      laptop.cloud.call(
        "scheduler",
        "CreateSchedule",
        {
          Name: "x",
          GroupName: "releases",
          ScheduleExpression: "rate(1 day)",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: { Arn: targetArn, RoleArn: roleArn },
        },
        caller,
      );
    const mayCreate: PolicyStatement = {
      Effect: "Allow",
      Action: "scheduler:CreateSchedule",
      Resource: "arn:aws:scheduler:us-east-1:000000000000:schedule/releases/*",
    };

    it("to create a schedule include iam:PassRole for the scheduler", async () => {
      await start(group, ...creator([mayCreate]));
      expect((await refusalOf(createAs(dibs))).message).to.contain(`"Action":"iam:PassRole","Resource":"${roleArn}"`);
    });
    it("are sufficient together", async () => {
      const mayPass: PolicyStatement = {
        Effect: "Allow",
        Action: "iam:PassRole",
        Resource: roleArn,
        Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
      };
      await start(group, ...creator([mayCreate, mayPass]));
      expect((await createAs(dibs)).ScheduleArn).to.match(/schedule\/releases\/x$/);
    });
  });

  describe("operations", () => {
    it("return a schedule as it was created", async () => {
      await start(group);
      const made = await create("shift", {
        ScheduleExpression: "cron(0 9 ? * MON-FRI *)",
        ScheduleExpressionTimezone: "Europe/Berlin",
        Description: "d",
      });
      const shown = await client.send(new GetScheduleCommand({ Name: "shift" }));
      expect(shown.Arn).to.equal(made.ScheduleArn);
      expect(shown).to.include({ GroupName: "default", State: "ENABLED", ScheduleExpressionTimezone: "Europe/Berlin", Description: "d" });
      expect(shown.Target?.RetryPolicy).to.deep.equal({ MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
      expect(shown.CreationDate).to.be.instanceOf(Date);
    });
    it("answer a repeated request the same, and refuse another one with the same name", async () => {
      await start(group);
      const first = await create("shift", { ClientToken: "token-1" });
      expect((await create("shift", { ClientToken: "token-1" })).ScheduleArn).to.equal(first.ScheduleArn);
      expect(await refusalOf(create("shift", { ClientToken: "token-2" }))).to.be.instanceOf(ConflictException);
      expect(await refusalOf(create("shift", { ClientToken: "token-1", Description: "another" }))).to.be.instanceOf(ConflictException);
    });
    it("list by group, prefix and page", async () => {
      await start(group);
      for (const name of ["a1", "a2", "a3", "b1"]) await create(name, { GroupName: "releases", State: "DISABLED" });
      await create("a4", { State: "DISABLED" });
      const list = (input: object) =>
        client.send(new ListSchedulesCommand({ GroupName: "releases", NamePrefix: "a", MaxResults: 2, ...input }));
      const first = await list({});
      const second = await list({ NextToken: first.NextToken });
      expect([first, second].map(({ Schedules }) => Schedules?.map(({ Name }) => Name))).to.deep.equal([["a1", "a2"], ["a3"]]);
      expect(second.NextToken).to.equal(undefined);
    });
    it("create, tag, list and delete groups with their schedules", async () => {
      await start(group);
      const { ScheduleGroupArn: ResourceArn } = await client.send(
        new CreateScheduleGroupCommand({ Name: "g", Tags: [{ Key: "a", Value: "1" }] }),
      );
      await client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: "b", Value: "2" }] }));
      await client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["a"] }));
      expect((await client.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags).to.deep.equal([{ Key: "b", Value: "2" }]);
      expect((await client.send(new GetScheduleGroupCommand({ Name: "g" }))).State).to.equal("ACTIVE");
      await create("in-it", { GroupName: "g" });
      await client.send(new DeleteScheduleGroupCommand({ Name: "g" }));
      const { ScheduleGroups } = await client.send(new ListScheduleGroupsCommand({}));
      expect(ScheduleGroups?.map(({ Name }) => Name)).to.deep.equal(["default", "releases"]);
      expect((await client.send(new ListSchedulesCommand({}))).Schedules).to.deep.equal([]);
    });
    it("refuse invalid input", async () => {
      await start(group);
      const refusals = await Promise.all([
        refusalOf(create("no spaces please")),
        refusalOf(create("x", { ScheduleExpression: "cron(0 10 * * * *)" })),
        refusalOf(create("x", { KmsKeyArn: "arn:aws:kms:us-east-1:1:key/k" })),
      ]);
      for (const refusal of refusals) expect(refusal).to.be.instanceOf(ValidationException);
      expect(await refusalOf(create("x", { GroupName: "nowhere" }))).to.be.instanceOf(ResourceNotFoundException);
    });
  });

  it("survives kill -9: repeats interrupted calls, and fires later ones", async () => {
    const { started: called, kill } = await startKillableCloud<string>(join(__dirname, "killable-cloud.ts"), { args: [directory] });
    expect(called).to.equal("now");
    await kill();

    await start(group);
    await eventually(() => received.length === 1);
    expect(payloads()).to.deep.equal(["now"]);
    advance(3600);
    await eventually(() => received.length === 2);
    expect(payloads()).to.deep.equal(["now", "later"]);
    await laptop.stop();
    await start(group);
    expect(laptop.cloud.clock.nextMs()).to.equal(undefined);
  });
});
