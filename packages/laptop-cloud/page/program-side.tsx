import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { BalancePanel, findTable } from "../../../panels/balance-panel";
import type { Sample } from "../../../panels/chart";
import { WordsPanel } from "../../../panels/words-panel";
import type { Workspace } from "../../pretend-slack/page/slack";
import { control, type Program, type Weather } from "./control";
import { Diagram } from "./diagram";
import { buildGraph } from "./graph";
import type { Hearing } from "./hearing";
import { MailPanel } from "./panels/mail-panel";
import { NodePanel } from "./panels/node-panel";
import { SchedulePanel } from "./panels/schedule-panel";
import { Tabs } from "./panels/tabs";
import { TracePanel } from "./panels/trace-panel";
import { WeatherPanel } from "./panels/weather-panel";
import { useReading } from "./reading";

interface Props {
  program: Program;
  workspace: Workspace;
  /** Who one acts as: they see the words of their own conversations only. */
  user: string;
  hearing: Hearing;
  /** The trace that is looked at. */
  trace: string | undefined;
  nowMs: number;
  onTrace(trace: string): void;
  fail(error: unknown): void;
}

/** The program: its diagram, and below it what was chosen there or asked for. */
const ProgramSide = ({ program, workspace, user, hearing, trace, nowMs, onTrace, fail }: Props) => {
  const [chosen, setChosen] = useState<string>();
  const [tab, setTab] = useState("Words");
  const [samples, setSamples] = useState<Sample[]>([]);
  const [weather, setWeather] = useState<Weather>();
  const graph = useMemo(() => buildGraph(program.resources, program.grants), [program]);
  const activity = useReading(hearing, "activity", control.readActivity, fail);
  useEffect(() => hearing.on("weather", setWeather), [hearing]);
  useLayoutEffect(() => {
    if (trace !== undefined) setTab("Trace");
  }, [trace]);

  const node = graph.nodes.find(({ id }) => id === chosen);
  const words = findTable(program, "wordsTable");
  const tabs = ["Place", ...(words === undefined ? [] : ["Words"]), "Trace", "Weather", "Timers", "Mail"];
  const open = tabs.includes(tab) ? tab : "Place";
  const choose = (id: string | undefined) => {
    setChosen(id);
    if (id !== undefined) setTab("Place");
  };
  const shared = { program, activity, hearing, nowMs, fail, onTrace };
  return (
    <aside class="program" aria-label="Program">
      {graph.nodes.length === 0 ? (
        <p class="diagram empty">The program has nothing to draw.</p>
      ) : (
        <Diagram {...{ graph, activity, hearing, chosen }} onChoose={choose} />
      )}
      <section class="panel" aria-label="Details">
        <Tabs label="Details" tabs={tabs} chosen={open} onChoose={setTab}>
          {open === "Place" ? <Place node={node} shared={shared} /> : null}
          {open === "Words" && words !== undefined ? (
            <WordsPanel table={words} samples={samples} onSample={setSamples} {...{ workspace, user, hearing, nowMs, fail }} />
          ) : null}
          {open === "Trace" ? <TracePanel {...{ trace, hearing, fail }} /> : null}
          {open === "Weather" && weather !== undefined ? (
            <div class="split wide">
              <WeatherPanel {...{ weather, program, fail }} />
              <BalancePanel {...{ program, activity, hearing, fail }} />
            </div>
          ) : null}
          {open === "Timers" ? <SchedulePanel {...{ hearing, nowMs, fail }} /> : null}
          {open === "Mail" ? <MailPanel {...{ hearing, fail }} /> : null}
        </Tabs>
      </section>
    </aside>
  );
};

const Place = ({
  node,
  shared,
}: {
  node: Parameters<typeof NodePanel>[0]["node"] | undefined;
  shared: Omit<Parameters<typeof NodePanel>[0], "node">;
}) =>
  node === undefined ? (
    <p class="empty">Choose a place in the diagram to see what lies and happens there.</p>
  ) : (
    <NodePanel key={node.id} node={node} {...shared} />
  );

export { ProgramSide };
