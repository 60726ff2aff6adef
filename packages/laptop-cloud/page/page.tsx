/** The page's frame. It knows no program: a program's entry file calls `showPage` with its own parts. */
import "./page.css";
import { type ComponentType, render } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { ClockBar, useClock } from "./clock-bar";
import { control, EMPTY_PROGRAM, type Program } from "./control";
import { EventStream } from "./event-stream";
import { Context, type PageContext } from "./page-context";
import { type ProgramParts, ProgramSide } from "./program-side";
import { createRefresh } from "./refresh";

interface PageOptions extends ProgramParts {
  /** Shown next to the program. */
  Side?: ComponentType;
}

/** Shows the page in the element with the id `page`, to which the server has added the program's name. */
const showPage = (options: PageOptions) => {
  const root = document.getElementById("page")!;
  render(<Page title={root.dataset["title"]!} {...options} />, root);
};

const events = new EventStream();

const Page = ({ title, Side, ...parts }: PageOptions & { title: string }) => {
  const [program, setProgram] = useState<Program>(EMPTY_PROGRAM);
  const [trace, setTrace] = useState<string>();
  const [isConnected, setConnected] = useState(false);
  const [problem, setProblem] = useState<string>();
  const nowMs = useClock(events);
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

  const context = useMemo<PageContext>(() => ({ events, trace, showTrace: setTrace, reportError, clearError }), [trace]);
  if (nowMs === undefined) return <p class="loading">{problem ?? "Connecting to the laptop cloud ..."}</p>;
  return (
    <Context.Provider value={context}>
      <div class="page">
        <header class="bar">
          <h1>{title}</h1>
          <ClockBar nowMs={nowMs} />
          <p class="connection" role="status">
            {isConnected ? "live" : "not connected; trying again"}
          </p>
        </header>
        {problem === undefined ? null : (
          <p class="problem" role="alert">
            {problem}
            <button type="button" onClick={clearError}>
              Dismiss
            </button>
          </p>
        )}
        {Side === undefined ? null : (
          <div class="side">
            <Side />
          </div>
        )}
        <ProgramSide {...{ program, nowMs }} {...parts} />
      </div>
    </Context.Provider>
  );
};

export type { PageOptions };
export { showPage };
