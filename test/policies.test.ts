import { expect } from "chai";
import { HttpApi } from "../components/http-api";
import { makeAgent } from "./components/agent-program";
import { runMocked } from "./components/mocked";
import { makeFeatureArgs } from "./components/registered";
import { runWholeProgram } from "./program";
import { type Declared, protection, RULES } from "./rules";

const everything = {
  features: '["documents","payroll","dibs","onboarding"]',
  digestChannel: "C0001",
  joinChannels: "true",
  messageArchiveDays: "30",
  production: "true",
  tracing: "xray",
};

/** The rules of ADR 58, for every resource of the program. */
describe("policies", () => {
  let production: readonly Declared[];
  let agentcore: Declared[];
  let domain: Declared[];

  before(async () => {
    const { inventory } = await runWholeProgram(everything);
    const many = await runWholeProgram({ ...everything, digestChannel: "", workspaces: "many", tokenRotation: "true" });
    // In the policy of a key, a star stands for the key itself.
    production = [...inventory.resources, ...many.inventory.resources.filter(({ type }) => type !== "aws:kms/key:Key")];
    agentcore = (await runMocked(() => makeAgent({ agent: "agentcore", agentBrain: "bedrock", agentModel: "us.amazon.nova-1" }))).resources;
    const agentRuntimeArn = "arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/my_agent-a1B2c3D4e5";
    agentcore.push(...(await runMocked(() => makeAgent({ agent: "agentcore", agentRuntimeArn }))).resources);
    const named = { domain: "slack.example.com", zoneId: "Z1" };
    domain = (await runMocked(() => void new HttpApi("api", { ...makeFeatureArgs(), requestsPerSecond: 1, burst: 1, domain: named })))
      .resources;
  });

  for (const [name, rule] of Object.entries(RULES))
    it(name, () => expect([production, agentcore, domain].flatMap(resources => rule(resources))).to.deep.equal([]));

  it("traces every function and pipeline with tracing: xray", () => {
    const isTraced = ({ type, inputs }: Declared) =>
      type.startsWith("aws:lambda/function:") ? inputs["tracingConfig"]?.mode === "Active" : inputs["tracingConfiguration"]?.enabled;
    const all = production.filter(({ type }) => /^aws:(lambda\/function|sfn\/stateMachine):/.test(type));
    expect(all.filter(each => !isTraced(each)).map(({ name }) => name)).to.deep.equal([]);
  });

  it("keeps data in production", () => expect(protection(production)).to.deep.equal([]));

  it("names wildcards of these actions only", () => {
    const bucket = { type: "aws:iam/rolePolicy:RolePolicy", name: "bad", inputs: { policy: allow("s3:GetObject", "*") } };
    expect(RULES["has no wildcard in a policy, except the named ones"]([bucket])).to.deep.equal([
      "aws:iam/rolePolicy:RolePolicy bad: allows s3:GetObject on *",
    ]);
  });

  const allow = (Action: string, Resource: string, Principal?: string) =>
    JSON.stringify({ Statement: [{ Effect: "Allow", Action, Resource, Principal }] });

  /** Each would pass unnoticed if its rule looked at the wrong thing. */
  const offences: [rule: keyof typeof RULES, Declared][] = [
    ["has no open ingress", { type: "aws:ec2/securityGroup:SecurityGroup", name: "bad", inputs: { ingress: [{ fromPort: 22 }] } }],
    ["has no open ingress", { type: "aws:lambda/permission:Permission", name: "bad", inputs: { principal: "*" } }],
    ["has no open ingress", { type: "aws:lambda/functionUrl:FunctionUrl", name: "bad", inputs: {} }],
    ["has no open ingress", { type: "aws:s3/bucket:Bucket", name: "bad", inputs: {} }],
    [
      "has no open ingress",
      { type: "aws:sqs/queuePolicy:QueuePolicy", name: "bad", inputs: { policy: allow("sqs:SendMessage", "q", "*") } },
    ],
    [
      "has no wildcard in a policy, except the named ones",
      { type: "aws:iam/rolePolicy:RolePolicy", name: "bad", inputs: { policy: allow("s3:*", "b") } },
    ],
    ["keeps no log forever", { type: "aws:cloudwatch/logGroup:LogGroup", name: "bad", inputs: { name: "/bad" } }],
    ["keeps no log forever", { type: "aws:lambda/function:Function", name: "bad", inputs: {} }],
    ["encrypts what it stores", { type: "aws:sqs/queue:Queue", name: "bad", inputs: {} }],
    ["encrypts what it stores", { type: "aws:ssm/parameter:Parameter", name: "bad", inputs: { type: "String" } }],
    ["takes no connection without TLS", { type: "aws:s3/bucket:Bucket", name: "bad", inputs: {} }],
    [
      "has an alarm for everything with dead letters",
      { type: "aws:sns/topicSubscription:TopicSubscription", name: "bad", inputs: { protocol: "lambda" } },
    ],
    ["has an alarm for everything with dead letters", { type: "aws:sqs/queue:Queue", name: "bad", inputs: { name: "bad" } }],
    [
      "has a runbook for every alarm",
      { type: "aws:cloudwatch/metricAlarm:MetricAlarm", name: "bad", inputs: { alarmDescription: "See docs/runbooks/missing.md." } },
    ],
  ];
  for (const [name, resource] of offences)
    it(`finds that ${resource.type} breaks "${name}"`, () => {
      expect(RULES[name]([resource])).to.satisfy((found: string[]) => found.length === 1 && found[0]!.includes(" bad: "));
    });
});
