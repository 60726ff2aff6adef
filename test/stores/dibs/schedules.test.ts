import { ConflictException, type CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { Schedules } from "#stores/dibs/schedules";

const settings = {
  groupName: "dibs",
  targetArn: "arn:aws:lambda:us-east-1:1:function:dibs-release",
  roleArn: "arn:aws:iam::1:role/dibs-timer",
  deadLettersArn: "arn:aws:sqs:us-east-1:1:dibs-dead-letters",
};

describe("schedules", () => {
  afterEach(() => sinon.restore());

  const create = async (atMs: number, answer: () => Promise<unknown> = async () => ({})) => {
    const send = sinon.stub(SchedulerClient.prototype, "send").callsFake(answer);
    const client = new SchedulerClient({ region: "us-east-1" });
    await new Schedules(client, settings).create({ name: "lease-1", atMs, input: { leaseId: "lease" } }, new Deadline(1000));
    return (send.firstCall.args[0] as CreateScheduleCommand).input;
  };

  it("creates a timer that deletes itself, retries, and has a dead-letter queue", async () => {
    const input = await create(Date.parse("2026-11-22T10:00:00Z"));
    expect(input).to.deep.include({
      Name: "lease-1",
      GroupName: "dibs",
      ScheduleExpression: "at(2026-11-22T10:00:00)",
      ScheduleExpressionTimezone: "UTC",
      ActionAfterCompletion: "DELETE",
      FlexibleTimeWindow: { Mode: "OFF" },
    });
    expect(input.Target).to.deep.include({
      Arn: settings.targetArn,
      RoleArn: settings.roleArn,
      Input: '{"leaseId":"lease"}',
      DeadLetterConfig: { Arn: settings.deadLettersArn },
    });
    expect(input.Target?.RetryPolicy?.MaximumRetryAttempts).to.be.greaterThan(0);
  });

  it("rounds a fraction of a second up", async () => {
    expect((await create(Date.parse("2026-11-22T10:00:00.001Z"))).ScheduleExpression).to.equal("at(2026-11-22T10:00:01)");
  });

  it("does nothing if the timer exists", async () => {
    const conflict = new ConflictException({ message: "exists", $metadata: {}, Message: "exists" });
    await create(0, () => Promise.reject(conflict));
  });

  it("throws any other error", async () => {
    const failure = await create(0, () => Promise.reject(new Error("down"))).catch(error => error);
    expect(failure).to.have.property("message", "down");
  });
});
