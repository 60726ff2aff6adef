import type { PolicyDocument, PolicyStatement } from "../../kernel/service";
import { type Condition, compileConditions } from "./condition";
import { compileArn, compileGlob, type Pattern, PolicyError } from "./pattern";
import { compilePrincipals, type Principals } from "./principal";

/** The kind of a policy decides which elements it must have. */
type PolicyKind = "identity" | "resource" | "trust";

interface Policy {
  /** Its name in messages, or the name of what it belongs to. */
  name: string;
  statements: Statement[];
}

/** A compiled statement. */
interface Statement {
  /** The Sid, or its position, "statement 2". */
  title: string;
  policy: string;
  effect: "Allow" | "Deny";
  actions: Pattern[];
  /** True for `NotAction`: the patterns are excluded. */
  exceptActions: boolean;
  /** Empty if a resource policy names no resource: it applies to its own. */
  resources: Pattern[];
  exceptResources: boolean;
  principals?: Principals;
  conditions: Condition[];
}

const documentElements = new Set(["Version", "Id", "Statement"]);
const statementElements = new Set(["Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"]);
const versions = new Set(["2012-10-17", "2008-10-17"]);

/** Compiles a policy, given as JSON text or as a document. Throws `PolicyError`. */
const compilePolicy = (name: string, source: unknown, kind: PolicyKind): Policy => {
  const document = parseDocument(source);
  refuseUnknown(document, documentElements);
  if (document.Version !== undefined && !versions.has(document.Version))
    throw new PolicyError(`The policy version is ${JSON.stringify(document.Version)}, but must be "2012-10-17".`);
  const statements = [document.Statement ?? []].flat();
  // Services build resource policies, which may still be empty.
  if (statements.length === 0 && kind !== "resource") throw new PolicyError("The policy has no Statement.");
  return { name, statements: statements.map((statement, index) => compileStatement(name, statement, index, kind)) };
};

/** The policy as JSON text, as AWS stores it. */
const policyText = (source: unknown): string => (typeof source === "string" ? source : JSON.stringify(source));

const parseDocument = (source: unknown): PolicyDocument => {
  const value: unknown = typeof source === "string" ? parseJson(source) : source;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new PolicyError(`The policy ${quote(source)} is not a JSON object.`);
  return value as PolicyDocument;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PolicyError(`The policy ${quote(text)} is not JSON.`, { cause });
  }
};

const compileStatement = (policy: string, statement: PolicyStatement, index: number, kind: PolicyKind): Statement => {
  refuseUnknown(statement, statementElements);
  const { Sid, Effect, Principal, Action, NotAction, Resource, NotResource, Condition } = statement;
  if (Effect !== "Allow" && Effect !== "Deny") throw new PolicyError(`The Effect ${quote(Effect)} is neither "Allow" nor "Deny".`);
  if ((Action === undefined) === (NotAction === undefined))
    throw new PolicyError(`${quote(statement)} must have either Action or NotAction.`);
  if (kind === "identity" ? (Resource === undefined) === (NotResource === undefined) : Resource !== undefined && NotResource !== undefined)
    throw new PolicyError(`${quote(statement)} must have either Resource or NotResource.`);
  if ((kind === "identity") !== (Principal === undefined))
    throw new PolicyError(
      `${quote(statement)} ${kind === "identity" ? "has a Principal, as only a resource's policy may" : "has no Principal"}.`,
    );
  return {
    title: Sid ? `"${Sid}"` : `number ${index + 1}`,
    policy,
    effect: Effect,
    actions: textsOf(Action ?? NotAction).map(compileAction),
    exceptActions: NotAction !== undefined,
    resources: textsOf(Resource ?? NotResource).map(compileArn),
    exceptResources: NotResource !== undefined,
    principals: Principal === undefined ? undefined : compilePrincipals(Principal),
    conditions: compileConditions(Condition),
  };
};

const compileAction = (text: string): Pattern => {
  if (text !== "*" && !/^[a-z0-9-]+:[a-z0-9*?]+$/i.test(text))
    throw new PolicyError(`${quote(text)} is not an action. Actions are written as "service:Action".`);
  return compileGlob(text, { ignoreCase: true });
};

const textsOf = (value: string | string[] | undefined): string[] => [value ?? []].flat();

const refuseUnknown = (value: object, known: Set<string>) => {
  for (const element of Object.keys(value)) {
    if (!known.has(element)) throw new PolicyError(`The policy element ${element} is not imitated.`);
  }
};

const quote = (value: unknown) => JSON.stringify(value)?.slice(0, 200) ?? String(value);

export type { Policy, PolicyKind, Statement };
export { compilePolicy, policyText };
