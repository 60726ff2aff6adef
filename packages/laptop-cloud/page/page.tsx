/** The page's frame. It knows no program: a program's entry file calls `showPage` with its own parts. */
import "./page.css";
import { type ComponentType, render } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { ClockBar, useClock } from "./clock-bar";
import { control, type Program, UNREAD_PROGRAM } from "./control";
import { EventStream } from "./event-stream";
import { dayOf } from "./format";
import { Help, type KeyHints } from "./help";
import { Context, type PageContext } from "./page-context";
import { TabList } from "./panels/tabs";
import { type ProgramParts, ProgramSide } from "./program-side";
import { createRefresh } from "./refresh";
import { Splitter } from "./splitter";
import { type Tour, TourBar, useTourShown } from "./tour";
import { readTraceLink } from "./trace-link";
import { useRemembered } from "./use-remembered";
import { WeatherBadge } from "./weather-badge";

interface PageOptions extends ProgramParts {
  /** Shown next to the program. On a narrow screen each is a tab. */
  side?: { name: string; Panel: ComponentType; keys?: KeyHints[] };
  /** Shown below the header until somebody dismisses it. */
  tour?: Tour;
}

/** Shows the page in the element with the id `page`, to which the server has added the program's name. */
const showPage = (options: PageOptions) => {
  const root = document.getElementById("page")!;
  render(<Page title={root.dataset["title"]!} {...options} />, root);
};

const events = new EventStream();

const PROGRAM = "Program";
const TRACE_TAB = { name: "Trace" };

const Page = ({ title, side, tour, ...parts }: PageOptions & { title: string }) => {
  const [program, setProgram] = useState<Program>(UNREAD_PROGRAM);
  const [trace, setTrace] = useState(readTraceLink);
  const [requestedTab, setRequestedTab] = useState(trace === undefined ? undefined : TRACE_TAB);
  const [followedGroups, setFollowedGroups] = useState<readonly string[]>([]);
  const [isTourShown, showTour] = useTourShown();
  const [view, setView] = useState(side === undefined || trace !== undefined ? PROGRAM : side.name);
  const [sideShare, rememberSideShare] = useRemembered("side-share", 46);
  const [diagramShare, rememberDiagramShare] = useRemembered("diagram-share", 62);
  /** Undefined until the first attempt ends. */
  const [isConnected, setConnected] = useState<boolean>();
  const [problem, setProblem] = useState<string>();
  const clock = useClock(events);
  const reportError = useCallback((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)), []);
  const clearError = useCallback(() => setProblem(undefined), []);

  useEffect(() => {
    const readProgram = createRefresh(async () => setProgram(await control.readProgram()), 0, reportError);
    const unsubscribe = [
      events.on("connected", () => {
        setConnected(true);
        clearError();
        readProgram();
      }),
      events.on("disconnected", () => setConnected(false)),
      events.on("occurrence", ({ kind }) => {
        if (kind === "reload") readProgram();
      }),
      events.connect(),
    ];
    return () => {
      for (const end of unsubscribe) end();
    };
  }, []);

  const followTrace = useCallback((shown: string, groups: readonly string[]) => {
    setTrace(shown);
    setRequestedTab({ ...TRACE_TAB });
    setFollowedGroups(groups);
    setView(PROGRAM);
  }, []);
  const showTrace = useCallback((shown: string) => {
    followTrace(shown, []);
    focusProgram();
  }, []);
  const showTab = useCallback((name: string) => {
    setRequestedTab({ name });
    setView(PROGRAM);
    focusProgram();
  }, []);
  useEffect(() => {
    const follow = () => {
      const linked = readTraceLink();
      if (linked !== undefined) followTrace(linked, []);
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const today = dayOf(clock.nowMs);
  const context = useMemo<PageContext>(
    () => ({ events, today, trace, requestedTab, showTab, showTrace, followTrace, followedGroups, reportError, clearError }),
    [today, trace, requestedTab, followedGroups],
  );
  return (
    <Context.Provider value={context}>
      <div class="page">
        <header class="bar">
          <h1>{title}</h1>
          <ClockBar {...clock} />
          <WeatherBadge />
          <Connection isConnected={isConnected} />
          <Help hints={side?.keys ?? []} onTour={tour === undefined || isTourShown ? undefined : () => showTour(true)} />
        </header>
        {problem === undefined ? null : (
          <p class="problem" role="alert">
            {problem}
            <button type="button" onClick={clearError}>
              Dismiss
            </button>
          </p>
        )}
        {tour === undefined || !isTourShown ? null : <TourBar tour={tour} onDismiss={() => showTour(false)} />}
        {side === undefined ? null : (
          <nav aria-label="View">
            <TabList
              class="views"
              label="View"
              tabs={[side.name, PROGRAM]}
              selected={view}
              onSelect={setView}
              id="view"
              panelOf={name => (name === PROGRAM ? "program-area" : "side")}
            />
          </nav>
        )}
        <div
          class={side === undefined ? "sides" : "sides two"}
          style={{ "--side-share": `${sideShare}%`, "--diagram-share": `${diagramShare}%` }}
        >
          {side === undefined ? null : (
            <div class={view === side.name ? "side" : "side unseen"} id="side">
              <side.Panel />
            </div>
          )}
          <div class={view === PROGRAM ? "program-area" : "program-area unseen"} id="program-area">
            <ProgramSide {...{ program }} isAlone={side === undefined} nowMs={clock.nowMs} {...parts} />
          </div>
          <nav class={view === PROGRAM ? "sizes" : "sizes unseen"} aria-label="Sizes">
            {side === undefined ? null : (
              <Splitter label={`Width of ${side.name}`} orientation="vertical" value={sideShare} onChange={rememberSideShare} />
            )}
            <Splitter label="Height of the diagram" orientation="horizontal" value={diagramShare} onChange={rememberDiagramShare} />
          </nav>
        </div>
      </div>
    </Context.Provider>
  );
};

const Connection = ({ isConnected }: { isConnected: boolean | undefined }) => (
  <p class={`connection ${isConnected === undefined ? "" : isConnected ? "live" : "lost"}`} role="status">
    {isConnected === undefined ? "connecting ..." : isConnected ? "live" : "not connected; trying again"}
  </p>
);

/** On a narrow screen, what had the focus may be hidden now. On a wide one there are no tabs of sides to take it. */
const focusProgram = () => document.getElementById(`view-${PROGRAM}`)?.focus();

export type { PageOptions };
export { showPage };
