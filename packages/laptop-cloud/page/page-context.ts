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
  /** The tab below the diagram that was asked for last: a new object each time, so that asking again opens it again. */
  requestedTab: { name: string } | undefined;
  /** Opens a tab below the diagram. */
  showTab(name: string): void;
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
  requestedTab: undefined,
  showTab: () => {},
  showTrace: () => {},
  followTrace: () => {},
  followedGroups: [],
  reportError: () => {},
  clearError: () => {},
});

const usePage = () => useContext(Context);

export type { PageContext };
export { Context, usePage };
