import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { createFailureAlarm } from "../../../components/resources/failure-alarm";
import { runMocked } from "../mocked";
import { find } from "../registered";

describe("failure alarm", () => {
  it("is raised within a minute of the first failure, and not by missing data", async () => {
    const { resources } = await runMocked(() => {
      createFailureAlarm(
        "payroll",
        {
          alarmDescription: "Payroll failed.",
          runbook: "pipelines",
          namespace: "AWS/States",
          metricName: "ExecutionsFailed",
          dimensions: { StateMachineArn: "arn" },
          statistic: "Sum",
          alarmTopic: new aws.sns.Topic("errors"),
        },
        {},
      );
    });
    expect(find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm")).to.deep.include({
      alarmDescription: "Payroll failed. See docs/runbooks/pipelines.md.",
      metricName: "ExecutionsFailed",
      statistic: "Sum",
      period: 60,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      treatMissingData: "notBreaching",
      alarmActions: ["arn:aws:mock:us-east-1:000000000000:errors"],
    });
  });
});
