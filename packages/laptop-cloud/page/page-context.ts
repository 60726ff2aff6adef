import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { EventStream } from "./event-stream";

/** What every component of the page can use. */
interface PageContext {
  events: EventStream;
  /** The cloud's local day, as `dayOf` names it. */
  today: string;
  /** The trace that the Trace tab shows. */
  trace: string | undefined;
  /** How often a trace was asked for: asking for the same one again opens its tab again. */
  traceRequests: number;
  showTrace(trace: string): void;
  /** Shows an error's message below the header. */
  reportError(error: unknown): void;
  /** Removes the message. */
  clearError(): void;
}

const Context = createContext<PageContext>({
  events: new EventStream(),
  today: "",
  trace: undefined,
  traceRequests: 0,
  showTrace: () => {},
  reportError: () => {},
  clearError: () => {},
});

const usePage = () => useContext(Context);

export type { PageContext };
export { Context, usePage };
