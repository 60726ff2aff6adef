import { useState } from "preact/hooks";
import type { Resource, ServiceTask } from "../../src/protocol";
import { control } from "../control";
import { formatMoment } from "../format";
import { usePage } from "../page-context";
import { Time } from "../time";
import { useLiveData } from "../use-live-data";
import type { NodePanelProps } from "./panel-props";
import { Environment, Logs, Role } from "./runtime-tabs";
import { ScrollTable } from "./scroll-table";
import { Tabs } from "./tabs";

/** A container service: its tasks, logs, environment and role. */
const ContainerPanel = ({ name, program }: NodePanelProps) => {
  const [tab, setTab] = useState("Tasks");
  const resource = program.resources.find(each => each.type === "awsx:ecs:FargateService" && each.name === name);
  return (
    <Tabs label={`About ${name}`} tabs={["Tasks", "Logs", "Environment", "Role"]} selected={tab} onSelect={setTab}>
      {tab === "Tasks" ? <Tasks name={name} /> : null}
      {tab === "Logs" ? <Logs name={name} /> : null}
      {tab === "Environment" && resource !== undefined ? <Environment resource={resource} settings={settingsOf(resource)} /> : null}
      {tab === "Role" && resource !== undefined ? <Role {...{ resource, program }} /> : null}
    </Tabs>
  );
};

const Tasks = ({ name }: { name: string }) => {
  const { today } = usePage();
  const service = useLiveData(`service ${name}`, () => control.readService(name));
  if (service === undefined) return null;
  const running = service.tasks.filter(({ stoppedMs }) => stoppedMs === null).length;
  return (
    <>
      <p class="empty">{running === 1 ? "1 task runs." : `${running} tasks run.`}</p>
      {service.tasks.length === 0 ? null : (
        <ScrollTable
          label={`Tasks of ${name}`}
          columns={[{ title: "task" }, { title: "process", isNumber: true }, { title: "started at" }, { title: "state" }]}
          rows={service.tasks.map(task => ({
            key: task.id,
            class: hasFailed(task) ? "bad" : undefined,
            cells: [
              <span title={task.id}>{task.id.slice(0, 8)}</span>,
              task.processId,
              <Time atMs={task.startedMs} isExact />,
              stateOf(task, today),
            ],
          }))}
        />
      )}
    </>
  );
};

/** ECS gives this reason for a container that ended by itself, which a service's container should not do. */
const hasFailed = ({ stoppedMs, exitCode, reason }: ServiceTask) =>
  stoppedMs !== null && exitCode !== 0 && reason === "Essential container in task exited";

const stateOf = ({ stoppedMs, exitCode, reason }: ServiceTask, today: string) =>
  stoppedMs === null
    ? "running"
    : [`ended ${formatMoment(stoppedMs, today)}`, exitCode === null ? "" : `exit code ${exitCode}`, reason].filter(Boolean).join(", ");

/** The command and the sizes, as the program declares them. */
const settingsOf = ({ inputs: { taskDefinitionArgs } }: Resource) => {
  const { command, cpu, memory, stopTimeout } = taskDefinitionArgs?.container ?? {};
  return [
    Array.isArray(command) ? command.join(" ") : "",
    cpu === undefined ? "" : `cpu ${cpu}`,
    memory === undefined ? "" : `memory ${memory}`,
    stopTimeout === undefined ? "" : `stopTimeout ${stopTimeout}`,
  ]
    .filter(part => part !== "")
    .join(", ");
};

export { ContainerPanel };
