import { useState } from "preact/hooks";
import { control, type Invocation, type Program } from "../control";
import type { Grant, Resource } from "../graph";
import { useReading } from "../reading";
import { shortArn, showTime } from "../show";
import { LogLines } from "./log-lines";
import type { PanelProps } from "./panel";
import { ScrollTable } from "./scroll-table";
import { Tabs } from "./tabs";

/** A function: how it ran, what it logged, with which environment and which permissions. */
const FunctionPanel = ({ name, program, hearing, fail, onTrace }: PanelProps) => {
  const [tab, setTab] = useState("Invocations");
  const resource = program.resources.find(each => each.type === "aws:lambda/function:Function" && each.name === name);
  return (
    <Tabs label={`About ${name}`} tabs={["Invocations", "Logs", "Environment", "Role"]} chosen={tab} onChoose={setTab}>
      {tab === "Invocations" ? <Invocations {...{ name, hearing, fail, onTrace }} /> : null}
      {tab === "Logs" ? <Logs {...{ name, hearing, fail }} /> : null}
      {tab === "Environment" && resource !== undefined ? <Environment resource={resource} /> : null}
      {tab === "Role" && resource !== undefined ? <Role {...{ resource, program, hearing, fail }} /> : null}
    </Tabs>
  );
};

const Invocations = ({ name, hearing, fail, onTrace }: Pick<PanelProps, "name" | "hearing" | "fail" | "onTrace">) => {
  const invocations = useReading(hearing, `invocations ${name}`, () => control.readInvocations(name), fail);
  if (invocations === undefined) return null;
  if (invocations.length === 0) return <p class="empty">Not invoked since the start.</p>;
  return (
    <ScrollTable
      label={`Invocations of ${name}`}
      columns={[{ title: "when" }, { title: "by" }, { title: "ms", isNumber: true }, { title: "outcome" }, { title: "trace" }]}
      rows={invocations.map(each => ({
        key: `${each.requestId} ${each.attempt} ${each.atMs}`,
        class: each.error === null ? undefined : "bad",
        cells: [
          showTime(each.atMs),
          shortenPrincipal(each.from),
          each.ms === null ? "" : Math.round(each.ms),
          outcomeOf(each),
          each.trace === undefined ? null : (
            <button type="button" class="quiet" onClick={() => onTrace(each.trace!)}>
              Trace
            </button>
          ),
        ],
      }))}
    />
  );
};

const shortenPrincipal = (from = "") => from.replace(/\.amazonaws\.com$/, "");

const outcomeOf = ({ ms, error, cold, attempt }: Invocation) =>
  [attempt > 1 ? `try ${attempt}` : "", ms === null ? "running" : (error ?? "ok"), cold ? "cold start" : ""]
    .filter(part => part !== "")
    .join(", ");

const Logs = ({ name, hearing, fail }: Pick<PanelProps, "name" | "hearing" | "fail">) => {
  const lines = useReading(hearing, `logs ${name}`, () => control.readLogs(name), fail);
  return lines === undefined ? null : <LogLines lines={lines} />;
};

const Environment = ({ resource: { name, inputs } }: { resource: Resource }) => {
  const variables = Object.entries((inputs["environment"]?.variables ?? {}) as Record<string, unknown>);
  const settings = ["runtime", "memorySize", "timeout", "reservedConcurrentExecutions"].filter(key => inputs[key] !== undefined);
  return (
    <>
      <p class="empty">{settings.map(key => `${key} ${inputs[key]}`).join(", ")}</p>
      {variables.length === 0 ? (
        <p class="empty">No variables.</p>
      ) : (
        <ScrollTable
          label={`Environment of ${name}`}
          columns={[{ title: "variable" }, { title: "value" }]}
          rows={variables.map(([key, value]) => ({ key, cells: [key, String(value)] }))}
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

const roleOf = ({ resources }: Program, { inputs }: Resource) =>
  resources.find(({ type, outputs }) => type === "aws:iam/role:Role" && outputs["arn"] === inputs["role"]);

const usedOf = ({ used }: Grant) => (used === 0 ? "granted but unused" : used);

export { FunctionPanel };
