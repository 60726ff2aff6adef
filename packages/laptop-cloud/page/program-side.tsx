import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { WeatherReport } from "../src/protocol";
import { control, type Program, UNREAD_PROGRAM } from "./control";
import { Diagram } from "./diagram";
import { buildGraph, type GraphNode } from "./graph";
import { findPath } from "./highlights";
import { usePage } from "./page-context";
import { AlarmsPanel } from "./panels/alarms-panel";
import { MailPanel } from "./panels/mail-panel";
import { NodePanel } from "./panels/node-panel";
import type { PanelProps } from "./panels/panel-props";
import { SchedulePanel } from "./panels/schedule-panel";
import { Tabs } from "./panels/tabs";
import { TracePanel } from "./panels/trace-panel";
import { type WeatherControlProps, WeatherPanel } from "./panels/weather-panel";
import { buildTrace, flatten, type StepDescribers } from "./trace";
import { useLiveData } from "./use-live-data";

/** A tab that a program adds. */
interface ExtraTab {
  name: string;
  isShown(program: Program): boolean;
  Panel: ComponentType<PanelProps>;
}

/** Parts that a program adds to its side of the page. */
interface ProgramParts {
  /** Tabs after the first. The first of them that is shown is open at the start. */
  tabs?: ExtraTab[];
  /** Components whose resources the diagram shows at first, in a large program. */
  openGroups?: string[];
  /** Further controls among the weather's. */
  WeatherControls?: ComponentType<WeatherControlProps>;
  /** Shown next to the weather's controls. */
  WeatherOutcome?: ComponentType<PanelProps>;
  /** Describe the steps of a trace that the laptop cloud does not know. */
  stepDescribers?: StepDescribers;
}

interface Props extends ProgramParts {
  program: Program;
  /** Whether nothing is shown beside the program. */
  isAlone: boolean;
  nowMs: number;
}

/** The program's diagram, and below it tabs with details. */
const ProgramSide = ({ program, isAlone, nowMs, tabs = [], openGroups = [], WeatherControls, WeatherOutcome, stepDescribers }: Props) => {
  const { events, trace, requestedTab } = usePage();
  const [selected, setSelected] = useState<string>();
  const [tab, setTab] = useState<string>();
  const [weather, setWeather] = useState<WeatherReport>();
  const graph = useMemo(() => buildGraph(program.resources, program.grants), [program]);
  const activity = useLiveData("activity", control.readActivity);
  useEffect(() => events.on("weather", setWeather), [events]);
  useLayoutEffect(() => {
    if (requestedTab !== undefined) setTab(requestedTab.name);
  }, [requestedTab]);

  const node = graph.nodes.find(({ id }) => id === selected);
  const extraTabs = tabs.filter(({ isShown }) => isShown(program));
  const names = [
    "Resource",
    ...extraTabs.map(({ name }) => name),
    "Trace",
    "Weather",
    "Timers",
    ...(hasAlarms(program) ? ["Alarms"] : []),
    "Mail",
  ];
  const open = names.find(name => name === tab) ?? extraTabs[0]?.name ?? "Resource";
  const steps = useLiveData(`trace ${trace}`, async () => (trace === undefined ? undefined : (await control.readTrace(trace)).steps));
  const [selectedSpan, setSelectedSpan] = useState<string>();
  const spans = useMemo(() => steps && buildTrace(steps, stepDescribers), [steps]);
  const path = useMemo(() => {
    if (open !== "Trace" || steps === undefined) return undefined;
    const span = spans?.flatMap(flatten).find(({ id }) => id === selectedSpan);
    return findPath(graph, span === undefined ? steps : flatten(span).flatMap(each => each.steps));
  }, [open, graph, steps, selectedSpan]);
  const select = (id: string | undefined) => {
    setSelected(id);
    if (id !== undefined) setTab("Resource");
  };
  const shared = { program, activity, nowMs };
  const ExtraPanel = extraTabs.find(({ name }) => name === open)?.Panel;
  const Landmark = isAlone ? "main" : "aside";
  return (
    <Landmark class="program" aria-label="Program">
      {graph.nodes.length === 0 ? (
        <p class="diagram empty">{program === UNREAD_PROGRAM ? "" : "The program has nothing to draw."}</p>
      ) : (
        <Diagram {...{ graph, activity, selected, openGroups, path }} onSelect={select} />
      )}
      <section class="panel" aria-label="Details">
        <Tabs label="Details" tabs={names} selected={open} onSelect={setTab}>
          {open === "Resource" ? <ResourceTab node={node} shared={shared} /> : null}
          {ExtraPanel === undefined ? null : <ExtraPanel {...shared} />}
          {open === "Trace" ? <TracePanel spans={spans} selected={selectedSpan} onSelect={setSelectedSpan} /> : null}
          {open === "Weather" && weather !== undefined ? (
            <div class="split wide">
              <WeatherPanel {...{ weather, program, Controls: WeatherControls }} />
              {WeatherOutcome === undefined ? null : <WeatherOutcome {...shared} />}
            </div>
          ) : null}
          {open === "Timers" ? <SchedulePanel nowMs={nowMs} /> : null}
          {open === "Alarms" ? <AlarmsPanel /> : null}
          {open === "Mail" ? <MailPanel /> : null}
        </Tabs>
      </section>
    </Landmark>
  );
};

const hasAlarms = ({ resources }: Program) => resources.some(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");

interface ResourceTabProps {
  node: GraphNode | undefined;
  shared: PanelProps;
}

const ResourceTab = ({ node, shared }: ResourceTabProps) =>
  node === undefined ? (
    <p class="empty">Select a resource in the diagram to see its contents and activity.</p>
  ) : (
    <NodePanel key={node.id} node={node} {...shared} />
  );

export type { ExtraTab, ProgramParts };
export { ProgramSide };
