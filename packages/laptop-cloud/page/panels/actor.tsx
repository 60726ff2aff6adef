/** What functions and containers have alike: a log, an environment, a role. */
import { control, type Program } from "../control";
import { environmentOf, type Grant, type Resource, roleArnOf } from "../graph";
import { useReading } from "../reading";
import { shortArn } from "../show";
import { LogLines } from "./log-lines";
import type { PanelProps } from "./panel";
import { ScrollTable } from "./scroll-table";

const Logs = ({ name, hearing, fail }: Pick<PanelProps, "name" | "hearing" | "fail">) => {
  const lines = useReading(hearing, `logs ${name}`, () => control.readLogs(name), fail);
  return lines === undefined ? null : <LogLines lines={lines} />;
};

/** `settings` is what else it runs with, in words. */
const Environment = ({ resource, settings }: { resource: Resource; settings: string }) => {
  const variables = environmentOf(resource);
  return (
    <>
      <p class="empty">{settings}</p>
      {variables.length === 0 ? (
        <p class="empty">No variables.</p>
      ) : (
        <ScrollTable
          label={`Environment of ${resource.name}`}
          columns={[{ title: "variable" }, { title: "value" }]}
          rows={variables.map(({ name, value }) => ({ key: name, cells: [name, value] }))}
        />
      )}
    </>
  );
};

/** Every action that the role is granted, and how often it was used since the start. */
const Role = ({ resource, program, hearing, fail }: { resource: Resource } & Pick<PanelProps, "program" | "hearing" | "fail">) => {
  const permissions = useReading(hearing, `permissions ${resource.name}`, control.readPermissions, fail);
  const role = roleOf(program, resource);
  if (permissions === undefined) return null;
  const grants = permissions.grants.filter(grant => grant.role === role?.name);
  const unused = grants.filter(({ used }) => used === 0).length;
  return (
    <>
      <p class="empty">
        {role === undefined
          ? "Its role is not the program's."
          : `Role ${role.name}: ${grants.length} grants, ${unused} not used since the start.`}
      </p>
      <ScrollTable
        label={`Grants of ${resource.name}`}
        columns={[{ title: "action" }, { title: "resource" }, { title: "used", isNumber: true }]}
        rows={grants.map((grant, index) => ({
          key: `${index}`,
          class: grant.used === 0 ? "unused" : undefined,
          cells: [grant.action, <span title={grant.resource}>{shortArn(grant.resource)}</span>, usedOf(grant)],
        }))}
      />
    </>
  );
};

const roleOf = ({ resources }: Program, resource: Resource) =>
  resources.find(({ type, outputs }) => type === "aws:iam/role:Role" && outputs["arn"] === roleArnOf(resource));

const usedOf = ({ used }: Grant) => (used === 0 ? "granted but unused" : used);

export { Environment, Logs, Role };
