import type { Declared, PolicyStatement } from "../../../src/kernel/service";

const roleArn = "arn:aws:iam::000000000000:role/timer";
const targetArn = "arn:aws:lambda:us-east-1:000000000000:function:release";

const schedulerRole = (
  statements: PolicyStatement[] = [{ Effect: "Allow", Action: ["lambda:*", "sqs:*", "sns:*", "states:*"], Resource: "*" }],
): Declared[] => [
  {
    type: "aws:iam/role:Role",
    name: "timer",
    inputs: {
      assumeRolePolicy: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "scheduler.amazonaws.com" }, Action: "sts:AssumeRole" }],
      },
    },
  },
  {
    type: "aws:iam/rolePolicy:RolePolicy",
    name: "timer",
    inputs: { role: "timer", policy: { Version: "2012-10-17", Statement: statements } },
  },
];

const group: Declared = { type: "aws:scheduler/scheduleGroup:ScheduleGroup", name: "releases", inputs: {} };

const schedule = (name: string, inputs: Declared["inputs"] = {}): Declared => ({
  type: "aws:scheduler/schedule:Schedule",
  name,
  inputs: { scheduleExpression: "rate(1 minute)", flexibleTimeWindow: { mode: "OFF" }, target: { arn: targetArn, roleArn }, ...inputs },
});

export { group, roleArn, schedule, schedulerRole, targetArn };
