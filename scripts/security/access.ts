/** Policies in words, and who is let in by the policies of resources. */

interface Resource {
  type: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of every resource type of @pulumi/aws.
  inputs: Record<string, any>;
}

interface Statement {
  Effect: "Allow" | "Deny";
  Principal?: string | Record<string, string | string[]>;
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
}

const listOf = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : ([value].flat() as T[]));

const statementsOf = (policy: unknown): Statement[] => (JSON.parse(String(policy)) as { Statement: Statement[] }).Statement;

/** "dynamodb:GetItem, PutItem". */
const describeActions = ({ Action }: Statement): string => {
  const names = new Map<string, string[]>();
  for (const action of listOf(Action)) {
    const [service, name] = action.split(":") as [string, string];
    names.set(service, [...(names.get(service) ?? []), name]);
  }
  return [...names].map(([service, all]) => `${service}:${all.join(", ")}`).join("; ");
};

/** "arn:aws:dynamodb:us-east-1:000000000000:table/words": "table/words". What AWS makes up is ID. */
const describeArn = (arn: string): string => {
  const [, , service = "", , , ...rest] = arn.split(":");
  const name = rest.join(":");
  if (rest.length === 0) return `\`${arn}\``;
  if (service === "execute-api") return `\`${name.replace(/^[^/]+/, "ID")}\``;
  if (service === "kms") return "`key/ID`";
  return `\`${NAMELESS.includes(service) ? `${service} ` : ""}${name.replace("slack-fanout-local", "slack-fanout-STACK")}\``;
};

/** Services whose ARNs don't say what kind of resource they name. */
const NAMELESS = ["s3", "sqs", "sns"];

const describeCondition = ({ Condition }: Statement): string => {
  const tests = Object.entries(Condition ?? {}).flatMap(([operator, values]) =>
    Object.entries(values).map(
      ([key, value]) =>
        `${key} ${operator} ${listOf(value)
          .map(each => describeArn(String(each)))
          .join(", ")}`,
    ),
  );
  return tests.length === 0 ? "" : ` if ${tests.join(" and ")}`;
};

const describeStatement = (statement: Statement): string =>
  `${describeActions(statement)} on ${listOf(statement.Resource).map(describeArn).join(", ")}${describeCondition(statement)}`;

const describePrincipal = ({ Principal }: Statement): string =>
  typeof Principal === "string"
    ? "everybody"
    : Object.values(Principal ?? {})
        .flat()
        .map(each => (each === "*" ? "everybody" : each.replace(/^arn:.*:root$/, "the account")))
        .join(", ");

const isPermission = ({ type }: Resource) => type === "aws:lambda/permission:Permission";

const describePermission = ({ inputs }: Resource): string =>
  `| \`${nameOf(inputs["function"])}\` | ${inputs["principal"]} | may lambda:InvokeFunction if it comes from ${describeArn(inputs["sourceArn"])} |`;

const nameOf = (arn: string): string => arn.split(":").at(-1)!;

/** The policies of buckets, keys, queues and topics. */
const describePolicies = ({ name, inputs }: Resource): string[] =>
  statementsOf(inputs["policy"]).map(statement => {
    const verb = statement.Effect === "Allow" ? "may" : "must not";
    return `| \`${name}\` | ${describePrincipal(statement)} | ${verb} ${describeActions(statement)}${describeCondition(statement)} |`;
  });

/** Who may use a resource besides the roles, one line for each function, bucket, key, queue and topic. */
const buildAccess = (resources: readonly Resource[]): string => {
  const policies = resources.filter(({ type, inputs }) => type !== "aws:iam/rolePolicy:RolePolicy" && typeof inputs["policy"] === "string");
  const lines = [...resources.filter(isPermission).map(describePermission), ...policies.flatMap(describePolicies)];
  return ["| resource | who | what |", "|---|---|---|", ...[...new Set(lines)].sort()].join("\n");
};

export type { Resource, Statement };
export { buildAccess, describeStatement, listOf, nameOf, statementsOf };
