import type { Weather } from "./control";
import type { Occurrence } from "./occurrence";

/** What can be heard of the cloud while it happens. */
interface Heard {
  /** At each connection, also after a break: what was missed must be read anew. */
  connected: undefined;
  disconnected: undefined;
  occurrence: Occurrence;
  /** AWS calls of functions: how many each made, and which resources they touched (function, type, name). */
  calls: { functions: Record<string, number>; touched: [string, string, string][] };
  clock: { nowMs: number };
  weather: Weather;
}

type Listener<Name extends keyof Heard> = (heard: Heard[Name]) => void;

/** The stream of what happens, and all who listen to it. */
class Hearing {
  readonly #listeners = new Map<keyof Heard, Set<Listener<never>>>();
  /** The weather stays as it was last heard of: who comes later is told at once. */
  #weather: Weather | undefined;

  /** Connects. Returns the way to end it. */
  start(): () => void {
    const source = new EventSource("/control/stream");
    source.addEventListener("open", () => this.#tell("connected", undefined));
    source.addEventListener("error", () => this.#tell("disconnected", undefined));
    for (const name of ["occurrence", "calls", "clock", "weather"] as const)
      source.addEventListener(name, ({ data }: MessageEvent<string>) => this.#tell(name, JSON.parse(data)));
    return () => source.close();
  }

  /** Returns the way to end it. */
  on<Name extends keyof Heard>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    if (name === "weather" && this.#weather !== undefined) (listener as Listener<"weather">)(this.#weather);
    return () => listeners.delete(listener);
  }

  #tell<Name extends keyof Heard>(name: Name, heard: Heard[Name]) {
    if (name === "weather") this.#weather = heard as Weather;
    for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Name>)(heard);
  }
}

export type { Heard };
export { Hearing };
