/** Every role of the program, and what it may do. */
import { describeStatement, listOf, type Resource, type Statement, statementsOf } from "./access";

/** A role in a stack for one workspace, and in a stack for many. */
interface Role {
  name: string;
  assumedBy: string;
  statements: Map<string, ("one" | "many")[]>;
}

/** Every function may write its own log, which the page says once. */
const isOwnLog = ({ Action, Resource: on }: Statement, name: string): boolean =>
  listOf(Action).join() === "logs:CreateLogStream,logs:PutLogEvents" && listOf(on).every(arn => arn.endsWith(`-${name}:*`));

const addStack = (roles: Map<string, Role>, resources: readonly Resource[], stack: "one" | "many"): void => {
  for (const { name, inputs } of resources.filter(({ type }) => type === "aws:iam/role:Role")) {
    const assumedBy = statementsOf(inputs["assumeRolePolicy"]).flatMap(({ Principal }) => Object.values(Principal ?? {}).flat());
    if (!roles.has(name)) roles.set(name, { name, assumedBy: assumedBy.join(", "), statements: new Map() });
  }
  for (const { inputs } of resources.filter(({ type }) => type === "aws:iam/rolePolicy:RolePolicy")) {
    const role = roles.get(inputs["role"])!;
    for (const statement of statementsOf(inputs["policy"]).filter(each => !isOwnLog(each, role.name))) {
      const text = describeStatement(statement);
      role.statements.set(text, [...new Set([...(role.statements.get(text) ?? []), stack])]);
    }
  }
};

const describeRole = ({ name, assumedBy, statements }: Role, isInBoth: boolean): string => {
  const lines = [...statements].map(([text, stacks]) =>
    isInBoth && stacks.length === 1 ? `${text} (\`workspaces: ${stacks[0]}\`)` : text,
  );
  return `| \`${name}\` | ${assumedBy.replaceAll(".amazonaws.com", "")} | ${lines.sort().join("<br>") || "nothing"} |`;
};

/** One line for each role. */
const buildRoles = (one: readonly Resource[], many: readonly Resource[]): string => {
  const roles = new Map<string, Role>();
  addStack(roles, one, "one");
  addStack(roles, many, "many");
  const isIn = (resources: readonly Resource[], role: string) =>
    resources.some(({ type, name }) => type === "aws:iam/role:Role" && name === role);
  const sorted = [...roles.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    "| role | assumed by | may |",
    "|---|---|---|",
    ...sorted.map(role => describeRole(role, isIn(one, role.name) && isIn(many, role.name))),
  ].join("\n");
};

export { buildRoles };
