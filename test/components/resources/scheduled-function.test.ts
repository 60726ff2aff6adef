import { expect } from "chai";
import { ScheduledFunction, type ScheduledFunctionArgs } from "../../../components/resources/scheduled-function";
import { runMocked } from "../mocked";
import { find, makeFeatureArgs, nothing, statementsOf } from "../registered";

describe("scheduled function", () => {
  const makeRelay = (args: Partial<ScheduledFunctionArgs> = {}) =>
    runMocked(() => {
      new ScheduledFunction("relay", {
        ...makeFeatureArgs(),
        ...nothing,
        schedule: "rate(1 minute)",
        timeoutSeconds: 50,
        ...args,
      });
    });

  it("is invoked with the schedule's own role, which may do nothing else", async () => {
    const { resources } = await makeRelay();

    const schedule = find(resources, "aws:scheduler/schedule:Schedule");
    expect(schedule).to.deep.include({ scheduleExpression: "rate(1 minute)", flexibleTimeWindow: { mode: "OFF" } });
    expect(schedule["target"]).to.include({
      arn: "arn:aws:mock:us-east-1:000000000000:relay",
      roleArn: "arn:aws:mock:us-east-1:000000000000:relay-schedule",
    });
    expect(statementsOf(resources, "relay-schedule").map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["lambda:InvokeFunction"], ["arn:aws:mock:us-east-1:000000000000:relay"]],
      [["sqs:SendMessage"], ["arn:aws:mock:us-east-1:000000000000:relay-dead-letters"]],
    ]);
    expect(JSON.parse(find(resources, "aws:iam/role:Role", "relay-schedule")["assumeRolePolicy"]).Statement).to.deep.equal([
      {
        Effect: "Allow",
        Principal: { Service: "scheduler.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      },
    ]);
  });

  it("raises an alarm if it does not run, where that is asked for", async () => {
    const idle = ({ name }: { name: string }) => name === "relay-idle";
    expect((await makeRelay()).resources.find(idle)).to.equal(undefined);
    expect((await makeRelay({ idleMinutes: 10 })).resources.find(idle)?.inputs).to.deep.include({
      metricName: "Invocations",
      comparisonOperator: "LessThanOrEqualToThreshold",
      threshold: 0,
      evaluationPeriods: 10,
      datapointsToAlarm: 10,
      treatMissingData: "breaching",
    });
  });

  it("keeps a dead letter if it could not be invoked", async () => {
    const { resources } = await makeRelay();

    expect(find(resources, "aws:scheduler/schedule:Schedule")["target"]).to.deep.include({
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      deadLetterConfig: { arn: "arn:aws:mock:us-east-1:000000000000:relay-dead-letters" },
    });
  });

  it("is retried for an hour if the next invocation does other work", async () => {
    const { resources } = await makeRelay({ retries: 2 });

    const retryPolicy = { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 3600 };
    expect(find(resources, "aws:scheduler/schedule:Schedule")["target"]).to.deep.include({ retryPolicy });
    expect(find(resources, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")).to.include(retryPolicy);
  });
});
