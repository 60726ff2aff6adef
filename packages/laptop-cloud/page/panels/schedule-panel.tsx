import { control } from "../control";
import { formatDateTime, formatDuration } from "../format";
import { useLiveData } from "../use-live-data";
import type { PanelProps } from "./panel-props";
import { ScrollTable } from "./scroll-table";

/** All schedules and one-time timers, the next to fire first. */
const SchedulePanel = ({ nowMs }: Pick<PanelProps, "nowMs">) => {
  const data = useLiveData("timers", control.readTimers);
  if (data === undefined) return null;
  return (
    <ScrollTable
      label="Timers"
      columns={[{ title: "timer" }, { title: "when" }, { title: "calls" }, { title: "next" }]}
      rows={data.timers.map(({ name, expression, target, nextMs }) => ({
        key: name,
        cells: [
          name,
          <code>{expression}</code>,
          target,
          nextMs === null ? "never again" : `${formatDateTime(nextMs)}, in ${formatDuration(Math.max(0, nextMs - nowMs))}`,
        ],
      }))}
    />
  );
};

export { SchedulePanel };
