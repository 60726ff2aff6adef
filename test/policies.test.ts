import type { Inventory } from "@slack-fanout/laptop-cloud/kernel/inventory";
import { expect } from "chai";
import { TEAM_TABLES } from "#core/slack/team-data";
import { keyNames } from "#core/table-schema";
import { HttpApi } from "../components/resources/http-api";
import deployerPolicy from "../deploy/policy.json";
import { buildPolicy } from "../scripts/deployer-policy";
import { buildDiagram, type Definition, guides, placeDiagram } from "../scripts/diagram";
import { buildFiles, PAGE } from "../scripts/security";
import { readText } from "../scripts/write-files";
import { makeAgent } from "./components/features/agent/agent-program";
import { runMocked } from "./components/mocked";
import { makeFeatureArgs } from "./components/registered";
import { EVERYTHING, runWholeProgram } from "./program";
import { type Declared, protection, RULES } from "./rules";

const privacy = readText("docs/privacy.md");

/** The first cells of the table below a heading. */
const listRows = (heading: string): string[] => {
  const [, section = ""] = privacy.split(`## ${heading}\n`);
  return [...section.split("\n## ")[0]!.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name!);
};

/** The rules of ADR 58, for every resource of the program. */
describe("policies", () => {
  let one: Inventory;
  let many: Inventory;
  let production: readonly Declared[];
  let agentcore: Declared[];
  let domain: Declared[];

  before(async () => {
    one = (await runWholeProgram(EVERYTHING.one)).inventory;
    many = (await runWholeProgram(EVERYTHING.many)).inventory;
    // In the policy of a key, a star stands for the key itself.
    production = [...one.resources, ...many.resources.filter(({ type }) => type !== "aws:kms/key:Key")];
    agentcore = (await runMocked(() => makeAgent({ agent: "agentcore", agentBrain: "bedrock", agentModel: "us.amazon.nova-1" }))).resources;
    const agentRuntimeArn = "arn:aws:bedrock-agentcore:eu-west-1:123456789012:runtime/my_agent-a1B2c3D4e5";
    agentcore.push(...(await runMocked(() => makeAgent({ agent: "agentcore", agentRuntimeArn }))).resources);
    const named = { domain: "slack.example.com", zoneId: "Z1" };
    domain = (await runMocked(() => void new HttpApi("api", { ...makeFeatureArgs(), requestsPerSecond: 1, burst: 1, domain: named })))
      .resources;
  });

  for (const [name, rule] of Object.entries(RULES))
    it(name, () => expect([production, agentcore, domain].flatMap(resources => rule(resources))).to.deep.equal([]));

  it("keeps data in production", () => expect(protection(production)).to.deep.equal([]));

  it("lets only functions that act in Slack decrypt, as a workspace or organisation; the door encrypts only", () => {
    type Statement = { Action: string[]; Resource: string[]; Condition?: object };
    const key = many.ofType("aws:kms/key:Key").find(({ name }) => name === "installation-tokens");
    const uses: Record<string, string[]> = {};
    for (const { name, inputs } of many.ofType("aws:iam/rolePolicy:RolePolicy")) {
      const { Statement } = JSON.parse(String(inputs["policy"])) as { Statement: Statement[] };
      for (const { Action, Condition } of Statement.filter(({ Resource }) => Resource.includes(key?.outputs["arn"] as string))) {
        expect(Condition, name).to.deep.equal({ StringLike: { "kms:EncryptionContext:installation": ["T*", "E*"] } });
        uses[name] = [...(uses[name] ?? []), ...Action];
      }
    }
    const decrypting = ["commands", "documents-fetch-file", "gateway", "home", "interactions", "joiner", "notifier", "opener"];
    expect(uses).to.deep.equal({
      ...Object.fromEntries(decrypting.map(name => [name, ["kms:Decrypt"]])),
      install: ["kms:Encrypt"],
      "token-refresher": ["kms:Encrypt", "kms:Decrypt"],
    });
    expect(key?.inputs).to.include({ enableKeyRotation: true });
    const policy = JSON.parse(String(key?.inputs["policy"])) as { Statement: Statement[] };
    const [administer, use] = policy.Statement;
    expect(administer?.Action).not.to.include.oneOf(["kms:*", "kms:Decrypt", "kms:Encrypt"]);
    expect(use?.Condition).to.deep.equal({ StringLike: { "kms:EncryptionContext:installation": "*" } });
  });

  it("docs/security.md is up to date; npm run security writes it", async () => {
    expect((await buildFiles()).get(PAGE)).to.equal(readText(PAGE));
  });

  it("deploy/policy.json is up to date; npm run deployer-policy writes it", async () => {
    expect(deployerPolicy).to.deep.equal(await buildPolicy());
  });

  it("the diagrams of the guides are up to date; npm run diagram writes them", () => {
    const machines = one.ofType("aws:sfn/stateMachine:StateMachine");
    for (const [machine, path] of Object.entries(guides)) {
      const definition = machines.find(({ name }) => name === machine)?.inputs["definition"] as string;
      const guide = readText(path);
      expect(placeDiagram(guide, buildDiagram(JSON.parse(definition) as Definition)), path).to.equal(guide);
    }
  });

  describe("docs/privacy.md", () => {
    it("has a line for each table and bucket of the program, and for nothing else", () => {
      const names = (type: string) => many.ofType(type).map(({ name }) => name);
      expect(listRows("Tables")).to.have.members(names("aws:dynamodb/table:Table"));
      expect(listRows("Buckets")).to.have.members(names("aws:s3/bucket:Bucket"));
    });

    it("is right that every table is erased with its workspace, but the one that expires within an hour", () => {
      const tables = many.ofType("aws:dynamodb/table:Table");
      const erased = Object.fromEntries(
        tables.map(({ name, inputs }) => [name, [inputs["hashKey"], inputs["rangeKey"]].filter(key => key !== undefined)]),
      );
      const { installations: _, "dibs-requests": __, ...rest } = erased;
      expect(rest).to.deep.equal(Object.fromEntries(Object.entries(TEAM_TABLES).map(([name, schema]) => [name, keyNames(schema)])));
      const policy = many.ofType("aws:iam/rolePolicy:RolePolicy").find(({ name }) => name.startsWith("team-eraser"));
      for (const name of Object.keys(TEAM_TABLES)) expect(String(policy?.inputs["policy"])).to.include(`table/${name}"`);
    });
  });

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
