import aslValidator from "asl-validator";
import { expect } from "chai";
import { bundleCallbacks } from "../../../components/bundling/bundle";
import { Documents } from "../../../components/features/documents";
import { Payroll } from "../../../components/features/payroll";
import type { Retry } from "../../../components/resources/pipeline-definition";
import { Topic } from "../../../components/resources/topic";
import { type MockedResource, runMocked } from "../mocked";
import * as registered from "../registered";

interface State {
  Type: string;
  Resource?: string;
  Next?: string;
  TimeoutSeconds?: number;
  Retry?: Retry[];
  Catch?: object[];
  ResultPath?: string | null;
  Parameters?: Record<string, unknown>;
  MaxConcurrency?: number;
  ItemProcessor?: { StartAt: string; States: Record<string, State> };
}

interface Definition {
  StartAt: string;
  States: Record<string, State>;
}

const modules = [
  "functions/documents/fetch-file",
  "functions/documents/metadata",
  "functions/start-for-upload",
  "functions/payroll/process-data",
  "functions/payroll/generate-paystubs",
  "functions/payroll/rollup",
  "functions/payroll/generate-report",
  "functions/describe-failure",
  "subscribers/archiver",
  "subscribers/archive-remover",
];
const bundles = Object.fromEntries(modules.map(module => [module, "exports.any = true;"]));

const makePipelines = (deletedMessages: "keep" | "remove" = "keep", tracing = false) => {
  bundleCallbacks(async () => bundles);
  const shared = { ...registered.makeFeatureArgs(), environment: { NODE_ENV: "test" }, tracing };
  const slackEnvironment = { ACCESS_TOKEN: "xoxb-test", SLACK_URL: "https://slack.com/api/" };
  const messages = new Topic("messages", shared);
  const archiving = { mimeTypes: ["image/png"], archiveDays: 90, deletedMessages };
  new Documents("documents", { ...shared, ...archiving, messages, slackEnvironment });
  new Payroll("payroll", { ...shared, employer: "Example Ltd", currency: "USD", atOnce: 3 });
};

interface Query {
  id: string;
  metric: { namespace: string; metricName: string };
}

describe("pipeline", () => {
  let resources: MockedResource[];
  const find = (type: string, name: string) => resources.find(resource => resource.type === type && resource.name === name)!.inputs;
  const definitionOf = (name: string) => JSON.parse(find("aws:sfn/stateMachine:StateMachine", name)["definition"]) as Definition;
  const statementsOf = (name: string) =>
    JSON.parse(find("aws:iam/rolePolicy:RolePolicy", name)["policy"]).Statement as { Action: string[]; Resource: string[] }[];

  before(async () => {
    ({ resources } = await runMocked(() => makePipelines()));
  });

  for (const name of ["documents", "payroll"]) {
    describe(name, () => {
      it("is valid Amazon States Language", () => {
        const { isValid, errorsText } = aslValidator(
          // The validator knows real ARNs only.
          JSON.parse(
            JSON.stringify(definitionOf(name)).replace(
              /arn:aws:mock:us-east-1:000000000000:([\w-]+)/g,
              "arn:aws:lambda:us-east-1:123456789012:function:$1",
            ),
          ),
          { checkArn: false },
        );
        expect(isValid, errorsText()).to.equal(true);
      });

      it("catches every failure of every task, and keeps the task's input", () => {
        const { errorNotification: _, ...states } = definitionOf(name).States;
        const caught = Object.entries(states).filter(([, state]) => state.Catch !== undefined);
        expect(caught).to.have.length(name === "documents" ? 2 : 4);
        for (const [task, { Catch }] of caught)
          expect(Catch).to.deep.equal([{ ErrorEquals: ["States.ALL"], ResultPath: `$.failure.${task}`, Next: "describeFailure" }]);
      });

      it("publishes a failure before the execution fails", () => {
        const { describeFailure, errorNotification, failed } = definitionOf(name).States;
        expect([describeFailure!.Next, errorNotification!.Next, failed!.Type]).to.deep.equal(["errorNotification", "failed", "Fail"]);
        expect(errorNotification!.Resource).to.equal("arn:aws:states:::sns:publish");
        expect(errorNotification!.Parameters!["TopicArn"]).to.equal("arn:aws:mock:us-east-1:000000000000:errors");
      });

      it("times an attempt out before Lambda does", () => {
        const { States } = definitionOf(name);
        const tasks = Object.values(States).flatMap(state => [state, ...Object.values(state.ItemProcessor?.States ?? {})]);
        const functions = tasks.filter(({ Resource }) => Resource?.startsWith("arn:aws:mock:us-east-1:000000000000:"));
        for (const { Resource, TimeoutSeconds } of functions) {
          const lambda = find("aws:lambda/function:Function", Resource!.split(":").at(-1)!);
          expect(TimeoutSeconds).to.be.lessThan(lambda["timeout"]);
        }
        expect(functions).to.have.length(name === "documents" ? 3 : 5);
      });

      it("may invoke its functions and publish to its topics only", () => {
        const allowed = statementsOf(`${name}-states`).flatMap(({ Action, Resource }) => Action.map(action => `${action} ${Resource}`));
        const states = Object.values(definitionOf(name).States).flatMap(state => [
          state,
          ...Object.values(state.ItemProcessor?.States ?? {}),
        ]);
        const lambdas = states
          .map(({ Resource }) => Resource)
          .filter(resource => resource?.startsWith("arn:aws:mock:us-east-1:000000000000:"));
        expect(allowed.sort()).to.deep.equal(
          [
            ...lambdas.map(lambda => `lambda:InvokeFunction ${lambda}`),
            "sns:Publish arn:aws:mock:us-east-1:000000000000:successes",
            "sns:Publish arn:aws:mock:us-east-1:000000000000:errors",
            `sqs:SendMessage arn:aws:mock:us-east-1:000000000000:${name}-untold`,
          ].sort(),
        );
      });

      it("assumes its role for this account only, after the role has its policy", () => {
        const machine = resources.find(resource => resource.type === "aws:sfn/stateMachine:StateMachine" && resource.name === name)!;
        expect(machine.after).to.include(`aws:iam/rolePolicy:RolePolicy ${name}-states`);
        const [statement] = JSON.parse(find("aws:iam/role:Role", `${name}-states`)["assumeRolePolicy"]).Statement;
        expect(statement.Condition).to.deep.equal({ StringEquals: { "aws:SourceAccount": "000000000000" } });
      });

      it("has an alarm on executions that failed and were not described", () => {
        const alarm = find("aws:cloudwatch/metricAlarm:MetricAlarm", name);
        const [untold, ...metrics] = alarm["metricQueries"];
        expect(untold).to.include({ expression: "FILL(failed, 0) - FILL(described, 0) + FILL(undescribed, 0)", returnData: true });
        const watched = metrics.map(({ id, metric: { namespace, metricName } }: Query) => [id, `${namespace} ${metricName}`]);
        expect(watched).to.deep.equal([
          ["failed", "AWS/States ExecutionsFailed"],
          ["described", "AWS/Lambda Invocations"],
          ["undescribed", "AWS/Lambda Errors"],
        ]);
        expect(alarm).to.include({ threshold: 0 }).and.not.have.property("period");
        expect(alarm["alarmActions"]).to.deep.equal(["arn:aws:mock:us-east-1:000000000000:errors"]);
      });

      it("has alarms on executions that were aborted or timed out, and on failures whose notice could not be published", () => {
        const metricOf = (alarm: string) => find("aws:cloudwatch/metricAlarm:MetricAlarm", `${name}-${alarm}`)["metricName"];
        expect(["aborted", "timed-out", "untold"].map(metricOf)).to.deep.equal([
          "ExecutionsAborted",
          "ExecutionsTimedOut",
          "ApproximateNumberOfMessagesVisible",
        ]);
      });
    });
  }

  it("is traced by X-Ray as a whole, if that is asked for", async () => {
    const { resources: traced } = await runMocked(() => makePipelines("keep", true));

    const inputsOf = (type: string) => traced.filter(each => each.type === type).map(({ inputs }) => inputs);
    for (const machine of inputsOf("aws:sfn/stateMachine:StateMachine"))
      expect(machine["tracingConfiguration"]).to.deep.equal({ enabled: true });
    for (const lambda of inputsOf("aws:lambda/function:Function")) expect(lambda["tracingConfig"]).to.deep.equal({ mode: "Active" });
    expect(registered.statementsOf(traced, "payroll-states").at(-1)!.Action).to.include("xray:GetSamplingRules");
  });

  it("publishes in its own partition", async () => {
    const { resources: inChina } = await runMocked(
      () => makePipelines(),
      name => `arn:aws-cn:mock:cn-north-1:000000000000:${name}`,
    );

    const definitions = inChina
      .filter(({ type }) => type === "aws:sfn/stateMachine:StateMachine")
      .map(({ inputs }) => inputs["definition"]);
    expect(definitions.map(definition => definition.match(/arn:[\w-]+:states:::[\w:]+/g))).to.deep.equal(
      definitions.map(() => ["arn:aws-cn:states:::sns:publish", "arn:aws-cn:states:::sns:publish", "arn:aws-cn:states:::sqs:sendMessage"]),
    );
  });

  it("retries a report that timed out twice, after 2 s", () => {
    const { Retry } = definitionOf("payroll").States["generateReport"]!;
    expect(Retry![0]).to.deep.equal({ ErrorEquals: ["States.Timeout"], IntervalSeconds: 2, MaxAttempts: 2 });
  });

  it("does not retry permanent errors", () => {
    const { Retry } = definitionOf("payroll").States["processData"]!;
    expect(Retry![0]).to.deep.equal({ ErrorEquals: ["BadPayroll", "UploadGone"], MaxAttempts: 0 });
  });

  it("makes paystubs in ranges, in parallel", () => {
    const { Type, MaxConcurrency } = definitionOf("payroll").States["generatePaystubs"]!;
    expect([Type, MaxConcurrency]).to.deep.equal(["Map", 3]);
  });

  it("invokes one function for uploads, which may start this pipeline only", () => {
    const notification = find("aws:s3/bucketNotification:BucketNotification", "payroll-start");
    expect(notification["lambdaFunctions"]).to.deep.equal([
      { lambdaFunctionArn: "arn:aws:mock:us-east-1:000000000000:payroll-start", events: ["s3:ObjectCreated:*"] },
    ]);
    expect(find("aws:lambda/permission:Permission", "payroll-start")).to.include({
      principal: "s3.amazonaws.com",
      sourceArn: "arn:aws:mock:us-east-1:000000000000:payroll-raw-data",
      // Somebody else may create a bucket with the name of a deleted one.
      sourceAccount: "000000000000",
    });
    expect(statementsOf("payroll-start").map(({ Action }) => Action)).to.deep.equal([
      ["states:StartExecution"],
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      ["sqs:SendMessage"],
    ]);
  });

  it("gives each task its own buckets only", () => {
    expect(statementsOf("payroll-generate-report").slice(0, 3)).to.deep.equal([
      // To check whether the upload is still the latest.
      { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:mock:us-east-1:000000000000:payroll-raw-data/*"] },
      { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:mock:us-east-1:000000000000:payroll-processed-data/*"] },
      {
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
        Resource: ["arn:aws:mock:us-east-1:000000000000:payroll-reports/*"],
      },
    ]);
  });

  describe("archive that removes the files of deleted messages", () => {
    let removing: MockedResource[];
    const allowed = (name: string) => registered.statementsOf(removing, name).flatMap(({ Action }) => Action);

    before(async () => {
      ({ resources: removing } = await runMocked(() => makePipelines("remove")));
    });

    it("subscribes a remover to deletions, which Slack may send as edits", () => {
      const { filterPolicy } = registered.find(removing, "aws:sns/topicSubscription:TopicSubscription", "archive-remover");
      expect(JSON.parse(filterPolicy).type).to.deep.equal(["slack.message_changed", "slack.message_deleted"]);
      expect(allowed("archive-remover").slice(0, 4)).to.deep.equal([
        "s3:DeleteObject",
        "dynamodb:DeleteItem",
        "dynamodb:UpdateItem",
        "dynamodb:Query",
      ]);
    });

    it("lets each writer undo what it writes, and nothing more", () => {
      const deletes = (name: string) => allowed(name).filter(action => action.includes(":Delete"));
      expect(deletes("documents-fetch-file")).to.deep.equal(["s3:DeleteObject"]);
      expect(deletes("documents-metadata")).to.deep.equal(["s3:DeleteObject", "dynamodb:DeleteItem"]);
      expect(deletes("archiver")).to.deep.equal([]);
    });

    it("creates none of this if files are kept", () => {
      expect(resources.filter(({ name }) => /remover|shares/.test(name))).to.deep.equal([]);
      const policies = resources.filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy").map(({ inputs }) => inputs["policy"]);
      expect(policies.filter(policy => policy.includes("s3:DeleteObject"))).to.deep.equal([]);
    });
  });

  it("passes Slack's token to the task that fetches files only", () => {
    const holders = resources
      .filter(({ type, inputs }) => type === "aws:lambda/function:Function" && "ACCESS_TOKEN" in inputs["environment"].variables)
      .map(({ name }) => name);
    expect(holders).to.deep.equal(["documents-fetch-file"]);
  });

  it("keeps every bucket private and refuses plain connections", () => {
    const buckets = resources.filter(({ type }) => type === "aws:s3/bucket:Bucket").map(({ name }) => name);
    expect(buckets).to.have.length(5);
    for (const bucket of buckets) {
      expect(find("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", bucket)).to.include({ blockPublicPolicy: true });
      const [statement] = JSON.parse(find("aws:s3/bucketPolicy:BucketPolicy", bucket)["policy"]).Statement;
      expect(statement).to.deep.include({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } });
    }
  });
});
