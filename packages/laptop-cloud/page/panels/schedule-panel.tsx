import { control } from "../control";
import { useReading } from "../reading";
import { showDateTime, showDuration } from "../show";
import type { PanelProps } from "./panel";
import { ScrollTable } from "./scroll-table";

/** All schedules and one-time timers, the next one first. */
const SchedulePanel = ({ hearing, fail, nowMs }: Pick<PanelProps, "hearing" | "fail" | "nowMs">) => {
  const reading = useReading(hearing, "timers", control.readTimers, fail);
  if (reading === undefined) return null;
  return (
    <ScrollTable
      label="Timers"
      columns={[{ title: "timer" }, { title: "when" }, { title: "calls" }, { title: "next" }]}
      rows={reading.timers.map(({ name, expression, target, nextMs }) => ({
        key: name,
        cells: [
          name,
          <code>{expression}</code>,
          target,
          nextMs === null ? "never again" : `${showDateTime(nextMs)}, in ${showDuration(Math.max(0, nextMs - nowMs))}`,
        ],
      }))}
    />
  );
};

export { SchedulePanel };
