import type { StreamEvents, WeatherReport } from "../src/protocol";

/** What a listener receives, by name of the event. */
interface Events extends StreamEvents {
  /** Sent at each connection. After a lost connection events may be missing, so listeners read everything again. */
  connected: undefined;
  disconnected: undefined;
}

type Listener<Name extends keyof Events> = (event: Events[Name]) => void;

/** The laptop cloud's server-sent events, for any number of listeners. */
class EventStream {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
  /** Kept for listeners that come later. */
  #weather: WeatherReport | undefined;

  /** Connects, and returns a function that disconnects. */
  connect(): () => void {
    const source = new EventSource("/control/stream");
    source.addEventListener("open", () => this.#emit("connected", undefined));
    source.addEventListener("error", () => this.#emit("disconnected", undefined));
    for (const name of ["occurrence", "calls", "clock", "weather"] as const)
      source.addEventListener(name, ({ data }: MessageEvent<string>) => this.#emit(name, JSON.parse(data)));
    return () => source.close();
  }

  /** Adds a listener, and returns a function that removes it. A listener for `weather` receives the current weather at once. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    if (name === "weather" && this.#weather !== undefined) (listener as Listener<"weather">)(this.#weather);
    return () => listeners.delete(listener);
  }

  #emit<Name extends keyof Events>(name: Name, event: Events[Name]) {
    if (name === "weather") this.#weather = event as WeatherReport;
    for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Name>)(event);
  }
}

export type { Events };
export { EventStream };
