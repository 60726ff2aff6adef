/** The tabs that functions and containers share: logs, environment, role. */
import type { Grant, Resource } from "../../src/protocol";
import { control, type Program } from "../control";
import { shortenArn } from "../format";
import { environmentOf, roleArnOf } from "../graph";
import { useLiveData } from "../use-live-data";
import { LogLines } from "./log-lines";
import { ScrollTable } from "./scroll-table";

const Logs = ({ name }: { name: string }) => {
  const lines = useLiveData(`logs ${name}`, () => control.readLogs(name));
  return lines === undefined ? null : <LogLines lines={lines} />;
};

/** `settings` describes the rest of the configuration: "runtime nodejs22.x, timeout 10". */
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

/** Every action that the role grants, and how often it was used since the start. */
const Role = ({ resource, program }: { resource: Resource; program: Program }) => {
  const permissions = useLiveData(`permissions ${resource.name}`, control.readPermissions);
  const role = roleOf(program, resource);
  if (permissions === undefined) return null;
  const grants = permissions.grants.filter(grant => grant.role === role?.name);
  const unused = grants.filter(({ used }) => used === 0).length;
  return (
    <>
      <p class="empty">
        {role === undefined
          ? "The program does not declare its role."
          : `Role ${role.name}: ${grants.length} grants, ${unused} not used since the start.`}
      </p>
      <ScrollTable
        label={`Grants of ${resource.name}`}
        columns={[{ title: "action" }, { title: "resource" }, { title: "used", isNumber: true }]}
        rows={grants.map((grant, index) => ({
          key: `${index}`,
          class: grant.used === 0 ? "unused" : undefined,
          cells: [grant.action, <span title={grant.resource}>{shortenArn(grant.resource)}</span>, usedOf(grant)],
        }))}
      />
    </>
  );
};

const roleOf = ({ resources }: Program, resource: Resource) =>
  resources.find(({ type, outputs }) => type === "aws:iam/role:Role" && outputs["arn"] === roleArnOf(resource));

const usedOf = ({ used }: Grant) => (used === 0 ? "granted but unused" : used);

export { Environment, Logs, Role };
