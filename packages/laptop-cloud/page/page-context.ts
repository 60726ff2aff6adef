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
  /** Shows a trace and opens groups of the diagram, but leaves the focus where it is. */
  followTrace(trace: string, groups: readonly string[]): void;
  /** The groups that the diagram opens for the followed trace. */
  followedGroups: readonly string[];
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
  followTrace: () => {},
  followedGroups: [],
  reportError: () => {},
  clearError: () => {},
});

const usePage = () => useContext(Context);

export type { PageContext };
export { Context, usePage };
