import { useState } from "preact/hooks";
import type { Invocation, Resource } from "../../src/protocol";
import { control } from "../control";
import { formatTime } from "../format";
import { usePage } from "../page-context";
import { useLiveData } from "../use-live-data";
import type { NodePanelProps } from "./panel-props";
import { Environment, Logs, Role } from "./runtime-tabs";
import { ScrollTable } from "./scroll-table";
import { Tabs } from "./tabs";

/** A function: its invocations, logs, environment and role. */
const FunctionPanel = ({ name, program }: NodePanelProps) => {
  const [tab, setTab] = useState("Invocations");
  const resource = program.resources.find(each => each.type === "aws:lambda/function:Function" && each.name === name);
  return (
    <Tabs label={`About ${name}`} tabs={["Invocations", "Logs", "Environment", "Role"]} selected={tab} onSelect={setTab}>
      {tab === "Invocations" ? <Invocations name={name} /> : null}
      {tab === "Logs" ? <Logs name={name} /> : null}
      {tab === "Environment" && resource !== undefined ? <Environment resource={resource} settings={settingsOf(resource)} /> : null}
      {tab === "Role" && resource !== undefined ? <Role {...{ resource, program }} /> : null}
    </Tabs>
  );
};

const Invocations = ({ name }: { name: string }) => {
  const { showTrace } = usePage();
  const invocations = useLiveData(`invocations ${name}`, () => control.readInvocations(name));
  if (invocations === undefined) return null;
  if (invocations.length === 0) return <p class="empty">Not invoked since the start.</p>;
  return (
    <ScrollTable
      label={`Invocations of ${name}`}
      columns={[{ title: "when" }, { title: "by" }, { title: "ms", isNumber: true }, { title: "outcome" }, { title: "trace" }]}
      rows={invocations.map(each => ({
        key: `${each.requestId} ${each.attempt} ${each.atMs}`,
        class: each.error === null && each.reported === null ? undefined : "bad",
        cells: [
          formatTime(each.atMs),
          shortenPrincipal(each.from),
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

const shortenPrincipal = (from = "") => from.replace(/\.amazonaws\.com$/, "");

const outcomeOf = ({ ms, error, reported, followUp, cold, attempt }: Invocation) =>
  [attempt > 1 ? `try ${attempt}` : "", ms === null ? "running" : (error ?? reported ?? "ok"), followUp ?? "", cold ? "cold start" : ""]
    .filter(part => part !== "")
    .join(", ");

const settingsOf = ({ inputs }: Resource) =>
  ["runtime", "memorySize", "timeout", "reservedConcurrentExecutions"]
    .filter(key => inputs[key] !== undefined)
    .map(key => `${key} ${inputs[key]}`)
    .join(", ");

export { FunctionPanel };
