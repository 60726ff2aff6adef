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
  showTrace: () => {},
  reportError: () => {},
  clearError: () => {},
});

const usePage = () => useContext(Context);

export type { PageContext };
export { Context, usePage };
