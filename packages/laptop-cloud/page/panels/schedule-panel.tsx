import { control } from "../control";
import { formatCountdown } from "../format";
import { Time } from "../time";
import { useLiveData } from "../use-live-data";
import type { PanelProps } from "./panel-props";
import { ScrollTable } from "./scroll-table";

/** Schedules, rules with schedules and one-time timers, the next to fire first. */
const SchedulePanel = ({ nowMs }: Pick<PanelProps, "nowMs">) => {
  const data = useLiveData("timers", control.readTimers);
  if (data === undefined) return null;
  if (data.timers.length === 0) return <p class="empty">No timers.</p>;
  return (
    <ScrollTable
      label="Timers"
      columns={[{ title: "timer" }, { title: "when" }, { title: "calls" }, { title: "next" }, { title: "in", isNumber: true }]}
      rows={data.timers.map(({ name, expression, target, nextMs }) => ({
        key: `${name} ${target}`,
        cells: [
          name,
          <code>{expression}</code>,
          target,
          nextMs === null ? "never again" : <Time atMs={nextMs} isExact />,
          nextMs === null ? "" : formatCountdown(nextMs - nowMs),
        ],
      }))}
    />
  );
};

export { SchedulePanel };
