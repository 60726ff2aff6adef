import {
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from "@aws-sdk/client-sfn";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { AwsError } from "../../../src/kernel/aws-error";
import { createSibling } from "../../sibling";
import { FunctionError, functionArn, machineArn, roleArn, startMachine } from "./machine";
import { rejection } from "./rejection";

const task = (name: string, more = {}) => ({ Type: "Task", Resource: functionArn(name), End: true, ...more });
const single = (state: object) => ({ StartAt: "Only", States: { Only: state } });

describe("states", () => {
  let machine: Awaited<ReturnType<typeof startMachine>>;

  afterEach(() => machine.stop());

  const start = async (...args: Parameters<typeof startMachine>) => {
    machine = await startMachine(...args);
    return machine;
  };

  describe("execution", () => {
    it("runs tasks one after another, as its role", async () => {
      await start(
        { StartAt: "One", States: { One: { ...task("one"), End: undefined, Next: "Two" }, Two: task("two", { ResultPath: "$.two" }) } },
        { functions: { one: ({ n }) => ({ n: n + 1 }), two: ({ n }) => n * 2 } },
      );

      const { status, result, stopDate } = await machine.run({ n: 1 });

      expect({ status, result }).to.deep.equal({ status: "SUCCEEDED", result: { n: 2, two: 4 } });
      expect(stopDate).to.be.an.instanceOf(Date);
      expect(machine.invocations.map(({ call }) => call.caller)).to.have.nested.property("[0].principal", "states.amazonaws.com");
      expect(machine.invocations[0]!.call.caller).to.include({ kind: "role", roleArn });
    });

    it("has a history with AWS's event types", async () => {
      await start(
        { StartAt: "One", States: { One: { ...task("one"), End: undefined, Next: "Done" }, Done: { Type: "Succeed" } } },
        { functions: { one: () => "result" } },
      );
      const arn = await machine.start({ a: 1 });
      await machine.finish(arn);

      const events = await machine.history(arn);

      expect(events.map(({ type }) => type)).to.deep.equal([
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "SucceedStateEntered",
        "SucceedStateExited",
        "ExecutionSucceeded",
      ]);
      expect(events.map(({ id }) => id)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(events.map(({ previousEventId }) => previousEventId)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(events[0]!.executionStartedEventDetails).to.include({ input: '{"a":1}', roleArn });
      expect(events[1]!.stateEnteredEventDetails).to.include({ name: "One", input: '{"a":1}' });
      expect(events[4]!.lambdaFunctionSucceededEventDetails).to.include({ output: '"result"' });
      expect(events[8]!.executionSucceededEventDetails).to.include({ output: '"result"' });
      expect(events[0]!.timestamp).to.be.an.instanceOf(Date);
    });

    it("pages, reverses and strips its history", async () => {
      await start(single({ Type: "Pass", End: true }));
      const executionArn = await machine.start({ secret: 1 });
      await machine.finish(executionArn);
      const get = (more: object) => machine.sfn.send(new GetExecutionHistoryCommand({ executionArn, ...more }));

      const first = await get({ maxResults: 2 });
      const second = await get({ maxResults: 2, nextToken: first.nextToken });
      const reversed = await get({ reverseOrder: true });
      const stripped = await get({ includeExecutionData: false });

      expect([...first.events!, ...second.events!].map(({ id }) => id)).to.deep.equal([1, 2, 3, 4]);
      expect(second.nextToken).to.equal(undefined);
      expect(reversed.events![0]!.type).to.equal("ExecutionSucceeded");
      expect(JSON.stringify(stripped)).not.to.contain("secret");
    });

    it("is idempotent by name and input while it runs, and refused afterwards", async () => {
      let release = () => {};
      const held = new Promise<void>(resolve => {
        release = resolve;
      });
      await start(single(task("slow")), { functions: { slow: () => held.then(() => "done") } });

      const arns = await Promise.all([machine.start({ a: 1 }, "once"), machine.start({ a: 1 }, "once")]);
      const other = await rejection(machine.start({ a: 2 }, "once"));
      release();
      await machine.finish(arns[0]!);
      const after = await rejection(machine.start({ a: 1 }, "once"));

      expect(arns[0]).to.equal(arns[1]).and.equal("arn:aws:states:us-east-1:000000000000:execution:pipeline:once");
      expect(other.name).to.equal("ExecutionAlreadyExists");
      expect(after.name).to.equal("ExecutionAlreadyExists");
      expect(machine.invocations).to.have.length(1);
    });

    it("allows a name again after 90 days", async () => {
      await start(single({ Type: "Pass", End: true }));
      await machine.run({ a: 1 }, "yearly");

      machine.cloud.clock.advance(91 * 86_400);

      expect((await machine.run({ a: 2 }, "yearly")).result).to.deep.equal({ a: 2 });
    });

    it("can be stopped", async () => {
      await start(single({ Type: "Wait", Seconds: 3600, End: true }));
      const executionArn = await machine.start();

      await machine.sfn.send(new StopExecutionCommand({ executionArn, error: "Enough", cause: "by hand" }));

      expect(await machine.describe(executionArn)).to.include({ status: "ABORTED", error: "Enough", cause: "by hand" });
      expect((await machine.history(executionArn)).at(-1)).to.include({ type: "ExecutionAborted" });
    });

    it("ends after its own timeout", async () => {
      await start({ ...single({ Type: "Wait", Seconds: 3600, End: true }), TimeoutSeconds: 60 });
      const arn = await machine.start();
      await eventually(async () => (await machine.history(arn)).length === 2);

      machine.cloud.clock.advance(61);

      expect((await machine.finish(arn))!.status).to.equal("TIMED_OUT");
    });

    it("is listed, newest first, by status", async () => {
      await start({
        StartAt: "Only",
        States: {
          Only: { Type: "Choice", Choices: [{ Variable: "$.ok", BooleanEquals: true, Next: "Fine" }], Default: "Bad" },
          Fine: { Type: "Succeed" },
          Bad: { Type: "Fail", Error: "NotOk" },
        },
      });
      await machine.run({ ok: true }, "first");
      machine.cloud.clock.advance(1);
      await machine.run({ ok: false }, "second");
      const list = async (statusFilter?: "FAILED") =>
        (await machine.sfn.send(new ListExecutionsCommand({ stateMachineArn: machineArn, statusFilter }))).executions!.map(
          ({ name }) => name,
        );

      expect(await list()).to.deep.equal(["second", "first"]);
      expect(await list("FAILED")).to.deep.equal(["second"]);
    });

    it("refuses bad names, inputs and machines", async () => {
      await start(single({ Type: "Pass", End: true }));
      const begin = (input: object) => rejection(machine.sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn, ...input })));

      expect((await begin({ name: "a b" })).name).to.equal("InvalidName");
      expect((await begin({ input: "{" })).name).to.equal("InvalidExecutionInput");
      expect((await begin({ input: JSON.stringify("x".repeat(262_144)) })).name).to.equal("InvalidExecutionInput");
      expect((await begin({ stateMachineArn: `${machineArn}s` })).name).to.equal("StateMachineDoesNotExist");
      expect((await begin({ stateMachineArn: "pipeline" })).name).to.equal("InvalidArn");
    });

    it("records its steps for the page, in the trace of its start", async () => {
      await start(single({ Type: "Pass", End: true }));

      await machine.run({}, "seen");

      const { cloud } = machine;
      const seen = cloud.occurrences.all().filter(({ kind }) => kind === "step" || kind === "execution");
      expect(seen.map(({ detail }) => detail!["phase"])).to.deep.equal(["started", "entered", "exited", "succeeded"]);
      expect(new Set(seen.map(({ trace }) => trace)).size).to.equal(1);
      expect(seen[1]).to.include({ from: "pipeline" });
      expect(seen[1]!.detail).to.deep.equal({ execution: "seen", state: "Only", type: "Pass", phase: "entered" });
    });

    it("reports its end to CloudWatch", async () => {
      const monitoring = createSibling("monitoring", { PutMetricData: () => ({}) });
      await start(single({ Type: "Fail", Error: "Oh", Cause: "no" }), { siblings: [monitoring.definition] });

      await machine.run();

      const { input, call } = await eventually(() => monitoring.received[0]);
      expect(input.Namespace).to.equal("AWS/States");
      expect(input.MetricData[0]).to.deep.equal({
        MetricName: "ExecutionsFailed",
        Dimensions: [{ Name: "StateMachineArn", Value: machineArn }],
        Value: 1,
        Unit: "Count",
      });
      expect(call.caller).to.include({ kind: "service", principal: "states.amazonaws.com" });
    });
  });

  describe("errors", () => {
    it("retries with growing intervals, by the cloud's clock, then succeeds", async () => {
      const Retry = [{ ErrorEquals: ["Busy"], IntervalSeconds: 10, BackoffRate: 3, MaxAttempts: 2 }];
      await start(single(task("flaky", { Retry })), {
        functions: {
          flaky: (_, attempt) => {
            if (attempt < 3) throw new FunctionError("Busy", "later");
            return attempt;
          },
        },
      });
      const arn = await machine.start();

      await eventually(() => machine.invocations.length === 1 && machine.cloud.clock.nextMs() !== undefined);
      machine.cloud.clock.advance(10);
      await eventually(() => machine.invocations.length === 2 && machine.cloud.clock.nextMs()! - machine.cloud.clock.nowMs() > 29_000);
      machine.cloud.clock.advance(30);

      expect((await machine.finish(arn))!.result).to.equal(3);
    });

    it("catches a failure after its retries, and keeps the input", async () => {
      const Catch = [{ ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: "After" }];
      await start(
        { StartAt: "Only", States: { Only: task("bad", { Catch }), After: { Type: "Pass", End: true } } },
        {
          functions: {
            bad: () => {
              throw new FunctionError("BadRow", "row 7");
            },
          },
        },
      );

      const { result } = await machine.run({ file: "march.csv" });

      expect(result.file).to.equal("march.csv");
      expect(result.failure.Error).to.equal("BadRow");
      expect(JSON.parse(result.failure.Cause)).to.deep.equal({ errorType: "BadRow", errorMessage: "row 7" });
    });

    const trouble: [string, () => never, string][] = [
      [
        "a function's own error",
        () => {
          throw new FunctionError("CustomError", "x");
        },
        "CustomError",
      ],
      [
        "an error without a type",
        () => {
          throw new FunctionError(undefined, "Task timed out after 3.00 seconds");
        },
        "Lambda.Unknown",
      ],
      [
        "a function that runs into its timeout",
        () => {
          throw new FunctionError("Sandbox.Timedout", "x");
        },
        "Sandbox.Timedout",
      ],
      [
        "a throttle",
        () => {
          throw new AwsError("TooManyRequestsException", "x", 429);
        },
        "Lambda.TooManyRequestsException",
      ],
      [
        "trouble in Lambda",
        () => {
          throw new AwsError("ServiceException", "x", 500);
        },
        "Lambda.ServiceException",
      ],
      [
        "a missing function",
        () => {
          throw new AwsError("ResourceNotFoundException", "x", 404);
        },
        "Lambda.ResourceNotFoundException",
      ],
      [
        "a missing permission",
        () => {
          throw new AwsError("AccessDeniedException", "x", 403);
        },
        "Lambda.AWSLambdaException",
      ],
    ];
    for (const [what, bad, error] of trouble) {
      it(`calls ${what} ${error}`, async () => {
        await start(single(task("bad")), { functions: { bad } });

        expect(await machine.run()).to.include({ status: "FAILED", error });
      });
    }

    it("times a task out by the cloud's clock, and retries it on States.Timeout", async () => {
      const Retry = [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 2, MaxAttempts: 1 }];
      await start(single(task("stuck", { TimeoutSeconds: 30, Retry })), {
        functions: { stuck: (_, attempt) => (attempt === 1 ? new Promise(() => {}) : "second time") },
      });
      const arn = await machine.start();
      await eventually(() => machine.invocations.length === 1 && machine.cloud.clock.nextMs() !== undefined);

      machine.cloud.clock.advance(30);
      await eventually(async () => (await machine.history(arn)).some(({ type }) => type === "LambdaFunctionTimedOut"));
      machine.cloud.clock.advance(2);

      expect((await machine.finish(arn))!.result).to.equal("second time");
    });

    it("does not count moved time towards the timeout of a running function", async () => {
      let end = (_: string) => {};
      await start(single(task("slow", { TimeoutSeconds: 30 })), { functions: { slow: () => new Promise(resolve => (end = resolve)) } });
      const arn = await machine.start();
      await eventually(() => machine.invocations.length === 1 && machine.cloud.clock.nextMs() !== undefined);

      const advancing = machine.cloud.clock.advanceInSteps(3600);
      await new Promise(setImmediate);
      end("in time");
      await advancing;

      expect((await machine.finish(arn))!).to.include({ status: "SUCCEEDED", result: "in time" });
    });

    it("does not retry or catch an error of the machine itself", async () => {
      await start({
        StartAt: "Only",
        States: {
          Only: {
            ...task("never", { InputPath: "$.missing" }),
            Retry: [{ ErrorEquals: ["States.ALL"] }],
            Catch: [{ ErrorEquals: ["States.ALL"], Next: "After" }],
          },
          After: { Type: "Succeed" },
        },
      });

      expect(await machine.run({})).to.include({ status: "FAILED", error: "States.Runtime" });
    });

    it("fails for a result of more than 256 KB", async () => {
      await start(single(task("big")), { functions: { big: () => "x".repeat(256 * 1024) } });

      expect(await machine.run()).to.include({ status: "FAILED", error: "States.DataLimitExceeded" });
    });
  });

  describe("map and parallel", () => {
    it("runs iterations concurrently up to MaxConcurrency, and keeps their order", async () => {
      let running = 0;
      let most = 0;
      const pairs: (() => void)[] = [];
      await start(
        single({
          Type: "Map",
          ItemsPath: "$.rows",
          MaxConcurrency: 2,
          ItemSelector: { "row.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "of.$": "$.of" },
          ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, StartAt: "Each", States: { Each: task("each") } },
          ResultPath: "$.done",
          End: true,
        }),
        {
          functions: {
            each: async ({ row, index, of }) => {
              running += 1;
              most = Math.max(most, running);
              // An iteration continues only when a second one is running.
              await new Promise<void>(resolve => pairs.push(resolve) % 2 === 0 && pairs.splice(0).forEach(go => void go()));
              running -= 1;
              return `${row}${index}${of}`;
            },
          },
        },
      );
      const arn = await machine.start({ rows: ["a", "b", "c", "d"], of: "!" });

      const execution = (await machine.finish(arn))!;

      expect(execution.result.done).to.deep.equal(["a0!", "b1!", "c2!", "d3!"]);
      expect(most).to.equal(2);
      const types = (await machine.history(arn)).map(({ type }) => type);
      expect(types.filter(type => type === "MapIterationStarted")).to.have.length(4);
      expect(types.filter(type => type === "MapIterationSucceeded")).to.have.length(4);
      expect(types.slice(-3)).to.deep.equal(["MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"]);
    });

    it("fails if one iteration fails, which can be caught", async () => {
      await start(
        {
          StartAt: "Only",
          States: {
            Only: {
              Type: "Map",
              Iterator: { StartAt: "Each", States: { Each: task("each") } },
              Catch: [{ ErrorEquals: ["BadRow"], Next: "After" }],
              End: true,
            },
            After: { Type: "Pass", OutputPath: "$.Error", End: true },
          },
        },
        {
          functions: {
            each: n => {
              if (n === 2) throw new FunctionError("BadRow", "two");
              return n === 1 ? new Promise(() => {}) : n;
            },
          },
        },
      );

      expect((await machine.run([0, 1, 2])).result).to.equal("BadRow");
    });

    it("runs branches with the same input", async () => {
      await start(
        single({
          Type: "Parallel",
          Branches: [
            { StartAt: "A", States: { A: task("a") } },
            { StartAt: "B", States: { B: { Type: "Pass", Result: { b: true }, End: true } } },
          ],
          ResultSelector: { "first.$": "$[0]", "second.$": "$[1].b" },
          End: true,
        }),
        { functions: { a: ({ n }) => n } },
      );

      expect((await machine.run({ n: 5 })).result).to.deep.equal({ first: 5, second: true });
    });
  });

  describe("wait", () => {
    it("ends by the cloud's clock, also when it is moved", async () => {
      await start(single({ Type: "Wait", SecondsPath: "$.seconds", End: true }));
      const arn = await machine.start({ seconds: 86_400 });
      await eventually(() => machine.cloud.clock.nextMs() !== undefined);
      expect((await machine.describe(arn)).status).to.equal("RUNNING");

      machine.cloud.clock.advance(86_400);

      expect((await machine.finish(arn))!.result).to.deep.equal({ seconds: 86_400 });
    });
  });

  describe("integrations", () => {
    it("publishes to a topic, an object as JSON", async () => {
      const sns = createSibling("sns", { Publish: () => ({ MessageId: "m-1" }) });
      await start(
        single({
          Type: "Task",
          Resource: "arn:aws:states:::sns:publish",
          Parameters: { TopicArn: "arn:aws:sns:us-east-1:000000000000:errors", Subject: "[ERROR]: Task failed", "Message.$": "$.failure" },
          ResultPath: "$.published",
          End: true,
        }),
        { siblings: [sns.definition] },
      );
      const arn = await machine.start({ failure: { row: 7 } });

      const { result } = (await machine.finish(arn))!;

      expect(sns.received[0]!.input).to.deep.equal({
        TopicArn: "arn:aws:sns:us-east-1:000000000000:errors",
        Subject: "[ERROR]: Task failed",
        Message: '{"row":7}',
      });
      expect(result.published.MessageId).to.equal("m-1");
      expect((await machine.history(arn))[2]!.taskScheduledEventDetails).to.include({ resourceType: "sns", resource: "publish" });
    });

    it("invokes a function through lambda:invoke", async () => {
      await start(
        single({
          Type: "Task",
          Resource: "arn:aws:states:::lambda:invoke",
          Parameters: { FunctionName: functionArn("one"), "Payload.$": "$" },
          OutputPath: "$.Payload",
          End: true,
        }),
        { functions: { one: ({ n }) => ({ n: n + 1 }) } },
      );

      expect((await machine.run({ n: 1 })).result).to.deep.equal({ n: 2 });
    });

    it("starts another execution", async () => {
      await start({
        StartAt: "Which",
        States: {
          Which: { Type: "Choice", Choices: [{ Variable: "$.inner", IsPresent: true, Next: "Done" }], Default: "Start" },
          Start: {
            Type: "Task",
            Resource: "arn:aws:states:::states:startExecution",
            Parameters: { StateMachineArn: machineArn, Name: "inner", Input: { inner: true } },
            OutputPath: "$.ExecutionArn",
            End: true,
          },
          Done: { Type: "Succeed" },
        },
      });

      const { result, cause } = await machine.run();

      expect(cause).to.equal(undefined);
      expect((await machine.finish(result))!.result).to.deep.equal({ inner: true });
    });
  });

  describe("machines", () => {
    it("are described, listed, created and changed", async () => {
      const definition = single({ Type: "Pass", End: true });
      await start(definition);
      const changed = JSON.stringify(single({ Type: "Succeed" }));
      const arn = await machine.start();
      await machine.finish(arn);

      const declared = await machine.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn }));
      await machine.sfn.send(new CreateStateMachineCommand({ name: "other", definition: changed, roleArn }));
      await machine.sfn.send(new UpdateStateMachineCommand({ stateMachineArn: machineArn, definition: changed }));
      const { stateMachines } = await machine.sfn.send(new ListStateMachinesCommand({}));
      const forExecution = await machine.sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn: arn }));

      expect(declared).to.include({ name: "pipeline", roleArn, status: "ACTIVE", type: "STANDARD" });
      expect(stateMachines!.map(({ name }) => name)).to.deep.equal(["other", "pipeline"]);
      expect(JSON.parse(forExecution.definition!)).to.deep.equal(definition);
      expect((await machine.sfn.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn }))).definition).to.equal(changed);
    });

    it("are validated without being created", async () => {
      await start(single({ Type: "Pass", End: true }));
      const validate = (definition: object) =>
        machine.sfn.send(new ValidateStateMachineDefinitionCommand({ definition: JSON.stringify(definition) }));

      expect((await validate(single({ Type: "Succeed" }))).result).to.equal("OK");
      expect((await validate(single({ Type: "Pass", Next: "Nowhere" }))).diagnostics![0]!.message).to.contain("Nowhere");
    });
  });
});
