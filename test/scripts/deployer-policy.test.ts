import { expect } from "chai";
import current from "../../deploy/policy.json";
import { buildDocuments, buildStatements, type Statement } from "../../scripts/deployer-policy";

/** IAM's limits: characters of a managed policy, and managed policies of a role. */
const MAX_CHARACTERS = 6144;
const MAX_POLICIES = 10;

describe("deployer-policy", () => {
  const declare = (type: string, ...names: string[]) => names.map(name => ({ type, name, inputs: {} }));

  it("includes what a stack for many workspaces has", () => {
    const statements = current.flatMap(({ Statement }) => Statement);
    expect(statements.flatMap(({ Action }) => Action)).to.include("kms:CreateKey");
    expect(statements.flatMap(({ Resource }) => Resource)).to.include("arn:aws:dynamodb:*:*:table/installations-*");
  });

  it("fits into IAM", () => {
    expect(current.length).to.be.at.most(MAX_POLICIES);
    for (const document of current) expect(JSON.stringify(document).length).to.be.at.most(MAX_CHARACTERS);
  });

  it("names no service as a whole, and roles and data by name only", () => {
    const statements = current.flatMap(({ Statement }) => Statement);
    expect(statements.flatMap(({ Action }) => Action).filter(action => action.endsWith(":*"))).to.deep.equal([]);
    const forAll = statements.filter(({ Resource }) => Resource.includes("*")).flatMap(({ Action }) => Action);
    expect(forAll.filter(action => /^(iam|dynamodb|s3|sqs|sns|states):(?!ValidateStateMachineDefinition)/.test(action))).to.deep.equal([]);
  });

  it("allows the names that Pulumi makes, each only once", () => {
    const [statement] = buildStatements(declare("aws:sqs/queue:Queue", "agent-tasks", "agent", "relay"), "slack-fanout");
    expect(statement?.Resource).to.deep.equal(["arn:aws:sqs:*:*:agent-*", "arn:aws:sqs:*:*:relay-*"]);
    const [logs] = buildStatements(declare("aws:cloudwatch/logGroup:LogGroup", "relay", "api"), "acme");
    expect(logs?.Resource).to.deep.equal(["arn:aws:logs:*:*:log-group:*acme-*"]);
  });

  it("refuses a type whose actions nobody has written down", () => {
    expect(() => buildStatements(declare("aws:rds/instance:Instance", "db"), "slack-fanout")).to.throw(
      "aws:rds/instance:Instance has no actions in scripts/deployer-policy/actions.ts: add what the provider calls.",
    );
  });

  it("splits what is too long, and loses nothing", () => {
    const statement = (Resource: string[]): Statement => ({ Effect: "Allow", Action: ["s3:GetObject"], Resource });
    const all = ["a", "b", "c"].flatMap(letter => Array.from({ length: 20 }, (_, index) => `${letter}${index}`));
    const documents = buildDocuments([statement(all), statement(["z"])], 300);

    expect(documents.length).to.be.above(2);
    for (const document of documents) expect(JSON.stringify(document).length).to.be.at.most(300);
    const found = documents.flatMap(({ Statement }) => Statement.flatMap(({ Resource }) => Resource));
    expect(found).to.deep.equal([...all, "z"]);
  });
});
