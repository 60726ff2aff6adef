import { AwsError } from "@slack-fanout/laptop-cloud/kernel/aws-error";
import { eventually, thrownBy } from "@slack-fanout/laptop-cloud/testing";
import aslValidator from "asl-validator";
import { expect } from "chai";
import { DescribeFailure } from "#functions/describe-failure";
import { buildDefinition, type StepDefinition, type TaskDefinition } from "../../../components/resources/pipeline-definition";
import { FunctionError, functionArn, startMachine } from "../../../packages/laptop-cloud/test/services/states/machine";
import { createSibling } from "../../../packages/laptop-cloud/test/sibling";

/** The machine that the component builds, run by the laptop's interpreter in front of plain callbacks. */

const SUCCESSES = "arn:aws:sns:us-east-1:000000000000:successes";
const ERRORS = "arn:aws:sns:us-east-1:000000000000:errors";
const UNTOLD = "http://127.0.0.1:4566/000000000000/untold";

const task = (name: string, more: Partial<TaskDefinition<string>> = {}): TaskDefinition<string> => ({
  name,
  lambdaArn: functionArn(name),
  timeoutSeconds: 30,
  ...more,
});

const build = (steps: StepDefinition<string>[]) =>
  buildDefinition({
    steps,
    describeFailureArn: functionArn("describe"),
    successesArn: SUCCESSES,
    errorsArn: ERRORS,
    publishArn: "arn:aws:states:::sns:publish",
    untold: { queueUrl: UNTOLD, sendArn: "arn:aws:states:::sqs:sendMessage" },
    permanentErrors: ["BadPayroll"],
  });

const notice = { subject: "Done", message: "All done.", details: '{"id":"1"}' };
const input = { about: { file: "march.csv" } };

describe("pipeline-definition", () => {
  let machine: Awaited<ReturnType<typeof startMachine>>;
  let sns: ReturnType<typeof createSibling>;
  let sqs: ReturnType<typeof createSibling>;
  let publish: () => object;

  beforeEach(() => {
    publish = () => ({ MessageId: "m1" });
  });
  afterEach(() => machine.stop());

  const start = async (steps: StepDefinition<string>[], functions: Parameters<typeof startMachine>[1] & object) => {
    sns = createSibling("sns", { Publish: () => publish() });
    sqs = createSibling("sqs", { SendMessage: () => ({ MessageId: "m2" }) });
    const describing = new DescribeFailure();
    machine = await startMachine(build(steps), {
      functions: { ...functions.functions, describe: failed => describing.handle(failed) },
      siblings: [sns.definition, sqs.definition],
    });
  };
  const invocationsOf = (name: string) => machine.invocations.filter(({ input: { FunctionName } }) => FunctionName === functionArn(name));
  const published = () => sns.received.map(({ input: { TopicArn, Subject, Message } }) => ({ TopicArn, Subject, Message }));
  const advanceUntil = (check: () => boolean, seconds: number) =>
    eventually(() => {
      if (check()) return true;
      machine.cloud.clock.advance(seconds);
      return false;
    });

  it("stores each task's result under its name, and publishes the notice of the last one", async () => {
    await start([task("one"), task("two")], { functions: { one: () => 1, two: ({ one }) => ({ sum: one + 1, notice }) } });

    const { status, result } = await machine.run(input);

    expect(status).to.equal("SUCCEEDED");
    expect(result).to.deep.equal({ ...input, one: 1, two: { sum: 2, notice } });
    expect(sns.received.map(({ input: parameters }) => parameters)).to.deep.equal([
      {
        TopicArn: SUCCESSES,
        Subject: "Done",
        Message: "All done.",
        MessageAttributes: { notice: { DataType: "String", StringValue: '{"id":"1"}' } },
      },
    ]);
  });

  it("runs a task for each item with the selected input", async () => {
    const each = { itemsPath: "$.one.ranges", input: { file: "$.about.file", range: "$$.Map.Item.Value" }, atOnce: 2 };
    await start([task("one"), task("two", { each }), task("three")], {
      functions: { one: () => ({ ranges: [1, 2, 3] }), two: ({ file, range }) => `${file} ${range}`, three: () => ({ notice }) },
    });

    const { result } = await machine.run(input);

    expect(result.two).to.deep.equal(["march.csv 1", "march.csv 2", "march.csv 3"]);
  });

  it("publishes a permanent error without a retry, and fails", async () => {
    const one = () => {
      throw new FunctionError("BadPayroll", "Row 3, column hours: found x.");
    };
    await start([task("one")], { functions: { one } });

    const cause = "The task one failed for the file march.csv. Row 3, column hours: found x. (BadPayroll)";
    expect(await machine.run(input)).to.deep.include({ status: "FAILED", error: "BadPayroll", cause });
    expect(invocationsOf("one")).to.have.length(1);
    expect(published()).to.have.length(1);
    const { Message, ...rest } = published()[0]!;
    expect(rest).to.deep.equal({ TopicArn: ERRORS, Subject: "[ERROR]: Task failed" });
    expect(Message).to.match(/^The task one .* \(BadPayroll\)\n\nNotice: [0-9a-f-]+#error$/);
  });

  it("catches what fails inside a Map", async () => {
    const each = { itemsPath: "$.one", input: { range: "$$.Map.Item.Value" }, atOnce: 2 };
    const two = () => {
      throw new FunctionError("BadPayroll", "No.");
    };
    await start([task("one"), task("two", { each })], { functions: { one: () => [1, 2], two } });

    expect(await machine.run(input)).to.include({
      status: "FAILED",
      cause: "The task two failed for the file march.csv. No. (BadPayroll)",
    });
  });

  describe("parallel", () => {
    const welcome = { name: "welcome", branches: [[task("greet"), task("invite")], [task("introduce")]] };

    it("runs sequences side by side, and stores the last result of each", async () => {
      const begun: string[] = [];
      const meet = async (name: string, state: object) => {
        begun.push(name);
        await eventually(() => begun.includes("greet") && begun.includes("introduce"));
        return { name, knew: Object.keys(state) };
      };
      await start([task("one"), welcome, task("last")], {
        functions: {
          one: () => 1,
          greet: state => meet("greet", state),
          invite: ({ greet }) => ({ after: greet.name }),
          introduce: state => meet("introduce", state),
          last: () => ({ notice }),
        },
      });

      const { status, result } = await machine.run(input);

      expect(status).to.equal("SUCCEEDED");
      expect(result.welcome).to.deep.equal({ invite: { after: "greet" }, introduce: { name: "introduce", knew: ["about", "one"] } });
    });

    it("catches what fails in a sequence once, and publishes it", async () => {
      const fail = () => Promise.reject(new FunctionError("BadPayroll", "No."));
      await start([welcome, task("last")], { functions: { greet: fail, introduce: fail, last: () => ({ notice }) } });

      const cause = "The task welcome failed for the file march.csv. No. (BadPayroll)";
      expect(await machine.run(input)).to.include({ status: "FAILED", error: "BadPayroll", cause });
      expect(published()).to.have.length(1);
      expect(invocationsOf("last")).to.have.length(0);
    });

    it("retries in a sequence", async () => {
      const greet = (_: unknown, attempt: number) => {
        if (attempt < 2) throw new FunctionError("Runtime.ExitError", "RequestId: 1 Error: Runtime exited");
        return "hello";
      };
      await start([welcome, task("last")], { functions: { greet, invite: () => 1, introduce: () => 2, last: () => ({ notice }) } });
      const arn = await machine.start(input);

      await advanceUntil(() => invocationsOf("last").length === 1, 1);

      expect(await machine.finish(arn)).to.deep.include({ status: "SUCCEEDED" });
      expect(invocationsOf("introduce")).to.have.length(1);
    });

    it("refuses an empty sequence, and a name that is used twice", () => {
      expect(String(thrownBy(() => build([{ name: "welcome", branches: [[]] }, task("last")])))).to.equal(
        "Error: A branch of the parallel step welcome is empty, but must have a step.",
      );
      expect(String(thrownBy(() => build([{ name: "welcome", branches: [[task("last")]] }, task("last")])))).to.equal(
        "Error: The step last is there twice, but each step must have a name of its own.",
      );
    });
  });

  describe("choice", () => {
    const kind = {
      name: "kind",
      choice: "$.kind",
      when: { guest: [task("restrict"), task("warn")], bot: [] },
      otherwise: [task("admit")],
    };
    const functions = {
      restrict: () => 1,
      warn: ({ restrict }: { restrict: number }) => restrict + 1,
      admit: () => 3,
      last: () => ({ notice }),
    };
    const done = { last: { notice } };

    for (const [given, results] of [
      [{ kind: "guest" }, { restrict: 1, warn: 2 }],
      [{ kind: "bot" }, {}],
      [{ kind: "member" }, { admit: 3 }],
      [{ kind: true }, { admit: 3 }],
      [{}, { admit: 3 }],
    ] as const) {
      it(`takes the steps of ${JSON.stringify(given)}, and goes on`, async () => {
        await start([kind, task("last")], { functions });

        expect(await machine.run({ ...input, ...given })).to.deep.include({
          status: "SUCCEEDED",
          result: { ...input, ...given, ...results, ...done },
        });
      });
    }

    it("says which task failed", async () => {
      const admit = () => Promise.reject(new FunctionError("BadPayroll", "No."));
      await start([kind, task("last")], { functions: { ...functions, admit } });

      expect(await machine.run(input)).to.include({ cause: "The task admit failed for the file march.csv. No. (BadPayroll)" });
    });

    it("works in a branch, and side by side steps work in a choice", async () => {
      const nested = { ...kind, when: { guest: [{ name: "both", branches: [[task("restrict")], [task("warn")]] }] } };
      await start([{ name: "outer", branches: [[nested, task("inner")]] }, task("last")], {
        functions: { ...functions, warn: () => 2, inner: ({ both }) => both },
      });

      const { result } = await machine.run({ ...input, kind: "guest" });

      expect(result.outer).to.deep.equal({ inner: { restrict: 1, warn: 2 } });
    });

    it("can't be last, because it has no result", () => {
      const message = "Error: The last step is the choice kind, but a choice has no result. End with another step.";
      expect(String(thrownBy(() => build([kind])))).to.equal(message);
      expect(String(thrownBy(() => build([{ name: "outer", branches: [[kind]] }, task("last")])))).to.equal(message);
    });
  });

  it("is valid Amazon States Language with steps of every kind", () => {
    const inner = { name: "kind", choice: "$.kind", when: { guest: [] }, otherwise: [task("admit")] };
    const outer = { ...inner, name: "first", when: { guest: [task("warn")] }, otherwise: [] };
    const { isValid, errorsText } = aslValidator(
      build([outer, { name: "both", branches: [[task("one")], [inner, task("two")]] }, task("last")]),
      {
        checkArn: false,
      },
    );
    expect(isValid, errorsText()).to.equal(true);
  });

  it("retries a failed attempt", async () => {
    const one = (_: unknown, attempt: number) => {
      if (attempt < 3) throw new FunctionError("Runtime.ExitError", "RequestId: 1 Error: Runtime exited");
      return { notice };
    };
    await start([task("one")], { functions: { one } });
    const arn = await machine.start(input);

    await advanceUntil(() => invocationsOf("one").length === 3, 1);

    expect(await machine.finish(arn)).to.include({ status: "SUCCEEDED" });
  });

  it("retries a report that timed out twice, then publishes the failure", async () => {
    const retry = [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 2, MaxAttempts: 2 }];
    await start([task("generateReport", { retry, timeoutSeconds: 1 })], { functions: { generateReport: () => new Promise(() => {}) } });
    const arn = await machine.start(input);

    await advanceUntil(() => published().length > 0, 1);

    expect(await machine.finish(arn)).to.include({ status: "FAILED", error: "States.Timeout" });
    expect(invocationsOf("generateReport")).to.have.length(3);
    expect(published()[0]!.Message).to.include("The task generateReport failed for the file march.csv. It timed out. (States.Timeout)");
  });

  it("keeps a failure whose notice can't be published, with its execution and its subject", async () => {
    publish = () => {
      throw new AwsError("InternalError", "SNS is away.");
    };
    await start([task("one")], { functions: { one: () => Promise.reject(new FunctionError("BadPayroll", '{"errorMessage":"No."}')) } });
    const arn = await machine.start(input);

    await advanceUntil(() => sqs.received.length > 0, 60);

    const [{ QueueUrl, MessageBody }] = sqs.received.map(({ input: sent }) => sent) as [{ QueueUrl: string; MessageBody: string }];
    const { untold, ...about } = JSON.parse(MessageBody);
    expect({ QueueUrl, ...about }).to.deep.equal({ QueueUrl: UNTOLD, execution: arn, ...input });
    expect(untold.Cause).to.include("SNS is away.");
    expect(await machine.finish(arn)).to.include({ status: "FAILED", error: untold.Error });
    expect(sns.received).to.have.length(7);
  });
});
