import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { read } from "../../../components/wiring/grants";
import { ScopedFunction } from "../../../components/wiring/scoped-function";
import { runMocked } from "../mocked";
import { find, nothing, statementsOf } from "../registered";

const arn = (name: string) => `arn:aws:mock:us-east-1:000000000000:${name}`;

describe("scoped function", () => {
  const make = (more: object = {}) =>
    runMocked(() => {
      const table = new aws.dynamodb.Table("words", { attributes: [{ name: "word", type: "S" }], hashKey: "word" });
      new ScopedFunction("door", { ...nothing, allow: [read(table)], timeoutSeconds: 10, logRetentionDays: 30, ...more });
    });

  it("has a role that allows its grants and its log only", async () => {
    const { resources } = await make();
    expect(statementsOf(resources, "door").map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["dynamodb:GetItem"], [arn("words")]],
      [["logs:CreateLogStream", "logs:PutLogEvents"], [`${arn("door")}:*`]],
    ]);
    expect(resources.filter(({ type }) => type.includes("PolicyAttachment"))).to.deep.equal([]);
  });

  it("has a role for Lambda only, and is created after the role's policy", async () => {
    const { resources } = await make();
    const [statement] = JSON.parse(find(resources, "aws:iam/role:Role")["assumeRolePolicy"]).Statement;
    expect(statement).to.deep.include({ Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" });
    const lambda = resources.find(({ type }) => type === "aws:lambda/function:Function");
    expect(lambda?.after).to.include("aws:iam/rolePolicy:RolePolicy door");
  });

  it("sets runtime, architecture, timeout, memory and log", async () => {
    const { resources } = await make({ memoryMegabytes: 1024 });
    expect(find(resources, "aws:lambda/function:Function")).to.deep.include({
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      timeout: 10,
      memorySize: 1024,
      loggingConfig: { logFormat: "Text", logGroup: "/aws/lambda/slack-fanout-test-door" },
    });
    expect(find(resources, "aws:cloudwatch/logGroup:LogGroup")).to.include({ retentionInDays: 30 });
  });

  it("is traced by X-Ray only if that is asked for", async () => {
    const [without, traced] = [(await make()).resources, (await make({ tracing: true })).resources];
    expect(find(without, "aws:lambda/function:Function")).not.to.have.property("tracingConfig");
    expect(find(traced, "aws:lambda/function:Function")["tracingConfig"]).to.deep.equal({ mode: "Active" });
    expect(statementsOf(traced, "door").map(({ Resource }) => Resource)).to.deep.include(["*"]);
  });

  it("has dead letters only if it is invoked asynchronously", async () => {
    expect(find((await make()).resources, "aws:lambda/function:Function")).not.to.have.property("deadLetterConfig");
  });
});
