import { useState } from "preact/hooks";
import type { Invocation, Resource } from "../../src/protocol";
import { control, type InvocationId } from "../control";
import { usePage } from "../page-context";
import { Time } from "../time";
import { useLiveData } from "../use-live-data";
import { DrillDown, OpenButton } from "./drill-down";
import { callerOf, InvocationDetails, outcomeOf } from "./invocation-details";
import type { NodePanelProps } from "./panel-props";
import { Environment, Logs, Role } from "./runtime-tabs";
import { ScrollTable } from "./scroll-table";
import { Sparklines } from "./sparklines";
import { Tabs } from "./tabs";

/** A function: its invocations, logs, environment and role. */
const FunctionPanel = ({ name, program }: NodePanelProps) => {
  const [tab, setTab] = useState("Invocations");
  const resource = program.resources.find(each => each.type === "aws:lambda/function:Function" && each.name === name);
  return (
    <>
      <Sparklines name={name} />
      <Tabs label={`About ${name}`} tabs={["Invocations", "Logs", "Environment", "Role"]} selected={tab} onSelect={setTab}>
        {tab === "Invocations" ? <Invocations name={name} /> : null}
        {tab === "Logs" ? <Logs name={name} /> : null}
        {tab === "Environment" && resource !== undefined ? <Environment resource={resource} settings={settingsOf(resource)} /> : null}
        {tab === "Role" && resource !== undefined ? <Role {...{ resource, program }} /> : null}
      </Tabs>
    </>
  );
};

const Invocations = ({ name }: { name: string }) => {
  const invocations = useLiveData(`invocations ${name}`, () => control.readInvocations(name));
  if (invocations === undefined) return null;
  if (invocations.length === 0) return <p class="empty">Not invoked since the start.</p>;
  return (
    <DrillDown
      all="All invocations"
      list={open => <InvocationList {...{ name, invocations, open }} />}
      details={(key, open) => {
        const invocation = invocations.find(each => keyOf(each) === key);
        if (invocation === undefined) return <p class="empty">It is no longer kept.</p>;
        return <InvocationDetails key={key} {...{ name, invocation }} onRunAgain={requestId => open(keyOf({ requestId, attempt: 1 }))} />;
      }}
    />
  );
};

const keyOf = ({ requestId, attempt }: InvocationId) => `${requestId} ${attempt}`;

interface ListProps {
  name: string;
  invocations: Invocation[];
  open(key: string): void;
}

const InvocationList = ({ name, invocations, open }: ListProps) => {
  const { showTrace } = usePage();
  return (
    <ScrollTable
      label={`Invocations of ${name}`}
      columns={[{ title: "when" }, { title: "by" }, { title: "ms", isNumber: true }, { title: "outcome" }, { title: "trace" }]}
      rows={invocations.map(each => ({
        key: `${keyOf(each)} ${each.atMs}`,
        class: each.error === null && each.reported === null ? undefined : "bad",
        cells: [
          <OpenButton entry={keyOf(each)} open={open}>
            <Time atMs={each.atMs} isExact />
          </OpenButton>,
          callerOf(each),
          each.ms === null ? "" : Math.round(each.ms),
          outcomeOf(each),
          each.trace === undefined ? null : (
            <button type="button" class="quiet" onClick={() => showTrace(each.trace!)}>
              Trace
            </button>
          ),
        ],
      }))}
    />
  );
};

const settingsOf = ({ inputs }: Resource) =>
  ["runtime", "memorySize", "timeout", "reservedConcurrentExecutions"]
    .filter(key => inputs[key] !== undefined)
    .map(key => `${key} ${inputs[key]}`)
    .join(", ");

export { FunctionPanel };
