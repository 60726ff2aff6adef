import type { PolicyDocument, PolicyStatement } from "../../kernel/service";
import { PolicyError } from "./pattern";

/** The arguments of `aws.iam.getPolicyDocument`. */
interface PolicyDocumentRequest {
  policyId?: string;
  version?: string;
  statements?: StatementRequest[];
  /** JSON documents that the statements are added to. */
  sourcePolicyDocuments?: string[];
  /** JSON documents that are added to the statements. */
  overridePolicyDocuments?: string[];
}

interface StatementRequest {
  sid?: string;
  effect?: string;
  actions?: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
  principals?: PrincipalRequest[];
  conditions?: ConditionRequest[];
}

interface PrincipalRequest {
  type: string;
  identifiers: string[];
}

interface ConditionRequest {
  test: string;
  variable: string;
  values: string[];
}

const requestParts = new Set(["policyId", "version", "statements", "sourcePolicyDocuments", "overridePolicyDocuments"]);
const statementParts = new Set(["sid", "effect", "actions", "notActions", "resources", "notResources", "principals", "conditions"]);

/**
 * Builds the document that a program describes. A later statement replaces an earlier one with the same Sid (Pulumi,
 * `aws.iam.getPolicyDocument`). Throws `PolicyError` for parts that are not imitated.
 */
const buildPolicyDocument = (request: PolicyDocumentRequest): PolicyDocument & { Id?: string } => {
  const { policyId, version = "2012-10-17", ...parts } = request;
  refuseUnknown(request, requestParts);
  const { statements = [], sourcePolicyDocuments = [], overridePolicyDocuments = [] } = parts;
  const all = [...sourcePolicyDocuments.flatMap(readStatements), ...statements.map(buildStatement)];
  const merged: PolicyStatement[] = [];
  for (const statement of [...all, ...overridePolicyDocuments.flatMap(readStatements)]) {
    const same = statement.Sid ? merged.findIndex(({ Sid }) => Sid === statement.Sid) : -1;
    if (same === -1) merged.push(statement);
    else merged[same] = statement;
  }
  return { Version: version, ...(policyId === undefined ? {} : { Id: policyId }), Statement: merged };
};

const readStatements = (json: string): PolicyStatement[] => [(JSON.parse(json) as PolicyDocument).Statement ?? []].flat();

const buildStatement = (request: StatementRequest): PolicyStatement => {
  refuseUnknown(request, statementParts);
  const { sid, effect = "Allow", principals, conditions, ...lists } = request;
  if (effect !== "Allow" && effect !== "Deny") throw new PolicyError(`effect is ${JSON.stringify(effect)}, but must be "Allow" or "Deny".`);
  return withoutUndefined<PolicyStatement>({
    Sid: sid,
    Effect: effect,
    Principal: principals && buildPrincipal(principals),
    Action: oneOrMany(lists.actions),
    NotAction: oneOrMany(lists.notActions),
    Resource: oneOrMany(lists.resources),
    NotResource: oneOrMany(lists.notResources),
    Condition: conditions && buildCondition(conditions),
  });
};

const refuseUnknown = (value: object, known: ReadonlySet<string>) => {
  for (const [name, part] of Object.entries(value))
    if (part !== undefined && !known.has(name))
      throw new PolicyError(`getPolicyDocument sets ${name}, which the laptop cloud does not imitate.`);
};

const buildPrincipal = (principals: PrincipalRequest[]): PolicyStatement["Principal"] => {
  if (principals.some(({ type }) => type === "*")) return "*";
  const byType: Record<string, string[]> = {};
  for (const { type, identifiers } of principals) byType[type] = [...(byType[type] ?? []), ...identifiers];
  return byType;
};

const buildCondition = (conditions: ConditionRequest[]) => {
  const byTest: Record<string, Record<string, string[]>> = {};
  for (const { test, variable, values } of conditions) {
    const variables = byTest[test] ?? {};
    byTest[test] = { ...variables, [variable]: [...(variables[variable] ?? []), ...values.map(toVariables)] };
  }
  return byTest;
};

const oneOrMany = (values: string[] | undefined): string | string[] | undefined => {
  const texts = values?.map(toVariables);
  return texts?.length === 1 ? texts[0] : texts;
};

/** Policy variables are written `&{...}`, so that they differ from template literals. */
const toVariables = (text: string) => text.replaceAll("&{", "${");

const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;

export type { PolicyDocumentRequest };
export { buildPolicyDocument };
