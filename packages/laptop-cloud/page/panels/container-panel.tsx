import { useState } from "preact/hooks";
import { control, type ServiceTask } from "../control";
import type { Resource } from "../graph";
import { useReading } from "../reading";
import { showDateTime } from "../show";
import { Environment, Logs, Role } from "./actor";
import type { PanelProps } from "./panel";
import { ScrollTable } from "./scroll-table";
import { Tabs } from "./tabs";

/** A container service: its tasks, what they log, with which environment and which permissions. */
const ContainerPanel = ({ name, program, hearing, fail }: PanelProps) => {
  const [tab, setTab] = useState("Tasks");
  const resource = program.resources.find(each => each.type === "awsx:ecs:FargateService" && each.name === name);
  return (
    <Tabs label={`About ${name}`} tabs={["Tasks", "Logs", "Environment", "Role"]} chosen={tab} onChoose={setTab}>
      {tab === "Tasks" ? <Tasks {...{ name, hearing, fail }} /> : null}
      {tab === "Logs" ? <Logs {...{ name, hearing, fail }} /> : null}
      {tab === "Environment" && resource !== undefined ? <Environment resource={resource} settings={settingsOf(resource)} /> : null}
      {tab === "Role" && resource !== undefined ? <Role {...{ resource, program, hearing, fail }} /> : null}
    </Tabs>
  );
};

const Tasks = ({ name, hearing, fail }: Pick<PanelProps, "name" | "hearing" | "fail">) => {
  const service = useReading(hearing, `service ${name}`, () => control.readService(name), fail);
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
            cells: [<span title={task.id}>{task.id.slice(0, 8)}</span>, task.processId, showDateTime(task.startedMs), stateOf(task)],
          }))}
        />
      )}
    </>
  );
};

/** ECS says so of a container that ended by itself; a service's containers are not meant to. */
const hasFailed = ({ stoppedMs, exitCode, reason }: ServiceTask) =>
  stoppedMs !== null && exitCode !== 0 && reason === "Essential container in task exited";

const stateOf = ({ stoppedMs, exitCode, reason }: ServiceTask) =>
  stoppedMs === null
    ? "running"
    : [`ended ${showDateTime(stoppedMs)}`, exitCode === null ? "" : `exit code ${exitCode}`, reason].filter(Boolean).join(", ");

/** Sizes and the command, as they are declared. */
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
