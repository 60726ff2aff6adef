import type { AlarmReport, Resource } from "../../src/protocol";
import { control } from "../control";
import { Time } from "../time";
import { useLiveData } from "../use-live-data";
import { ScrollTable } from "./scroll-table";

/** All alarms with their state and its reason, those in alarm first. */
const AlarmsPanel = () => {
  const data = useLiveData("alarms", control.readAlarms);
  if (data === undefined) return null;
  return data.alarms.length === 0 ? <p class="empty">The program has no alarms.</p> : <AlarmTable label="Alarms" alarms={data.alarms} />;
};

/** The alarms that watch one of these resources. Nothing where there is none. */
const AlarmsOf = ({ name, resources }: { name: string; resources: Resource[] }) => {
  const data = useLiveData("alarms", control.readAlarms);
  const names = new Set(resources.flatMap(({ id, outputs }) => [id, outputs["id"], outputs["arn"], outputs["name"]]));
  const alarms = data?.alarms.filter(({ watches }) => watches.some(watched => names.has(watched))) ?? [];
  if (alarms.length === 0) return null;
  const inAlarm = alarms.filter(({ state }) => state === "ALARM").length;
  return (
    <details open={inAlarm > 0}>
      <summary class={inAlarm > 0 ? "bad" : "empty"}>
        {alarms.length === 1 ? "1 alarm" : `${alarms.length} alarms`}
        {inAlarm > 0 ? `, ${inAlarm} in state ALARM` : ""}
      </summary>
      <AlarmTable label={`Alarms of ${name}`} alarms={alarms} />
    </details>
  );
};

const AlarmTable = ({ label, alarms }: { label: string; alarms: AlarmReport[] }) => (
  <ScrollTable
    label={label}
    columns={[{ title: "alarm" }, { title: "state" }, { title: "since" }, { title: "condition" }, { title: "reason" }]}
    rows={alarms.map(({ name, state, reason, changedMs, condition }) => ({
      key: name,
      class: state === "ALARM" ? "bad" : undefined,
      cells: [name, state.replace("_", " "), <Time atMs={changedMs} isExact />, condition, reason],
    }))}
  />
);

export { AlarmsOf, AlarmsPanel };
