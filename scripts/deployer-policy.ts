/** `npm run deployer-policy`: writes what the deployer's role may do, from the resources that the program declares. */
import { EVERYTHING, runWholeProgram } from "../test/program";
import { defineScript, runScript } from "./command-line";
import { ACTIONS, type Access, CHECKS } from "./deployer-policy/actions";
import { type Texts, writeFiles } from "./write-files";

interface Statement {
  Effect: "Allow";
  Action: string[];
  Resource: string[];
}

interface PolicyDocument {
  Version: "2012-10-17";
  Statement: Statement[];
}

interface Resource {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

const FILE = "deploy/policy.json";

/** Without white space, which IAM doesn't count. Source: IAM's quotas. */
const MAX_CHARACTERS = 6144;

/**
 * Resources of other settings: a domain, a budget, agents on AgentCore, and agents in a network of their own. By type, with the names that statements
 * name.
 */
const OTHERS: Resource[] = Object.entries({
  "awsx:ec2:Vpc": "",
  "aws:acm/certificate:Certificate": "",
  "aws:apigatewayv2/domainName:DomainName": "",
  "aws:route53/record:Record": "",
  "aws:budgets/budget:Budget": "budget",
  "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime": "",
  "aws:bedrock/agentcoreGateway:AgentcoreGateway": "",
  "aws:bedrock/agentcoreGatewayTarget:AgentcoreGatewayTarget": "",
}).map(([type, name]) => ({ type, name, inputs: {} }));

/** These types have a name that the program chooses; Pulumi gives the others their own name with a hyphen and seven characters. */
const OWN_NAMES = ["aws:cloudwatch/logGroup:LogGroup", "awsx:ecs:FargateService"];

/** Builds the statements, one for each kind of access. Throws for a type whose actions are unknown. */
const buildStatements = (resources: readonly Resource[], project: string): Statement[] => {
  const statements: Statement[] = [];
  for (const type of [...new Set(resources.map(each => each.type))].sort()) {
    const known = ACTIONS[type];
    if (known === undefined) throw new Error(`${type} has no actions in scripts/deployer-policy/actions.ts: add what the provider calls.`);
    const names = OWN_NAMES.includes(type)
      ? [`*${project}-*`]
      : shorten(resources.filter(each => each.type === type).map(({ name }) => `${name}-*`));
    statements.push(...known.map(access => allow(access, names)));
  }
  return merge([...statements, ...CHECKS.map(access => allow(access))]);
};

/** Builds the statement for one kind of access, to resources whose names have this prefix. */
const allow = ({ service, actions, arns = ["*"] }: Access, names: readonly string[] = []): Statement => ({
  Effect: "Allow",
  Action: actions.map(action => `${service}:${action}`),
  Resource: [...new Set(arns.flatMap(arn => (arn.includes("NAME") ? names.map(name => arn.replace("NAME", name)) : [arn])))],
});

/** Leaves out names that a shorter one includes: `agent-*` includes `agent-tasks-*`. */
const shorten = (patterns: readonly string[]): string[] => {
  const all = [...new Set(patterns)].sort();
  return all.filter(each => !all.some(other => other !== each && each.startsWith(other.slice(0, -1))));
};

/** Joins the statements that are for all resources. */
const merge = (statements: readonly Statement[]): Statement[] => {
  const isForAll = ({ Resource: [first] }: Statement) => first === "*";
  const actions = statements.filter(isForAll).flatMap(({ Action }) => Action);
  return [...statements.filter(each => !isForAll(each)), { Effect: "Allow", Action: [...new Set(actions)].sort(), Resource: ["*"] }];
};

/** Distributes statements over as few documents as the limit of IAM allows, in order. A long statement is split. */
const buildDocuments = (statements: readonly Statement[], maxCharacters = MAX_CHARACTERS): PolicyDocument[] => {
  const build = (Statement: Statement[]): PolicyDocument => ({ Version: "2012-10-17", Statement });
  const isSmall = (each: Statement[]) => JSON.stringify(build(each)).length <= maxCharacters;
  const documents: Statement[][] = [[]];
  for (const statement of statements.flatMap(each => halve(each, isSmall))) {
    const last = documents.at(-1)!;
    if (isSmall([...last, statement])) last.push(statement);
    else documents.push([statement]);
  }
  return documents.map(build);
};

const halve = (statement: Statement, isSmall: (statements: Statement[]) => boolean): Statement[] => {
  if (isSmall([statement])) return [statement];
  const half = Math.ceil(statement.Resource.length / 2);
  const parts = [statement.Resource.slice(0, half), statement.Resource.slice(half)];
  return parts.flatMap(Resource => halve({ ...statement, Resource }, isSmall));
};

const buildPolicy = async (): Promise<PolicyDocument[]> => {
  const declared: Resource[] = [];
  for (const settings of Object.values(EVERYTHING)) declared.push(...(await runWholeProgram(settings)).inventory.resources);
  return buildDocuments(buildStatements([...declared, ...OTHERS], "slack-fanout"));
};

const buildFiles = async (): Promise<Texts> => new Map([[FILE, `${JSON.stringify(await buildPolicy(), null, 2)}\n`]]);

const script = defineScript({
  name: "deployer-policy",
  usage: "[--dry-run] [--json]",
  help: `Writes ${FILE}, the policies of the roles that deploy the program, from the resources that the program declares.

  --dry-run      says whether the file would change, and changes nothing`,
  options: { "dry-run": { type: "boolean" } },
  run: async ({ options }) => writeFiles(await buildFiles(), options["dry-run"]),
});

if (require.main === module) void runScript(script);

export type { PolicyDocument, Resource, Statement };
export { buildDocuments, buildPolicy, buildStatements, script };
