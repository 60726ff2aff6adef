import type { ServerResponse } from "node:http";
import type { RecordedCall } from "../kernel/calls";
import type { Cloud } from "../kernel/service";
import type { CallsEvent, StreamEvents } from "../protocol";
import { findByArn } from "./find-resource";

/** There may be hundreds of AWS calls a second, so one event reports all calls of this interval. */
const CALLS_INTERVAL_MS = 250;

/** Comments keep the connection open, which proxies and browsers would close without traffic. */
const HEARTBEAT_INTERVAL_MS = 15_000;

/** A reader with more unread data is gone or asleep. It is disconnected, and reconnects by itself. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/**
 * `GET /control/stream`: the server-sent events in `StreamEvents`. The stream begins with `clock` and `weather`.
 */
class Stream {
  readonly #readers = new Set<ServerResponse>();
  readonly #endings: (() => void)[] = [];
  #calls: RecordedCall[] = [];
  #weather = "";
  #isMoving = false;

  constructor(private readonly cloud: Cloud) {}

  start() {
    const flushing = setInterval(() => {
      this.#flushCalls();
      this.#sendWeather();
      this.#sendMove();
    }, CALLS_INTERVAL_MS);
    const beating = setInterval(() => this.#write(": still here\n\n"), HEARTBEAT_INTERVAL_MS);
    this.#endings.push(
      this.cloud.occurrences.onRecord(occurrence => this.#send("occurrence", occurrence)),
      this.cloud.calls.onRecord(call => call.function !== null && this.#calls.push(call)),
      this.cloud.clock.onMove(() => this.#sendClock()),
      () => clearInterval(flushing),
      () => clearInterval(beating),
    );
  }

  stop() {
    for (const end of this.#endings.splice(0)) end();
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }

  add(response: ServerResponse) {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
    response.write(format("clock", this.#clock) + format("weather", this.cloud.weather.report));
    this.#readers.add(response);
    response.once("close", () => this.#readers.delete(response));
  }

  /** The weather also changes by itself, when a kill or one of the next n faults is used up. */
  #sendWeather() {
    const weather = JSON.stringify(this.cloud.weather.report);
    if (weather === this.#weather) return;
    this.#weather = weather;
    this.#send("weather", this.cloud.weather.report);
  }

  get #clock(): StreamEvents["clock"] {
    const { clock } = this.cloud;
    return { nowMs: clock.nowMs(), targetMs: clock.targetMs ?? null };
  }

  /** A move may wait for work before its first step, and ends without a step when it is cancelled. */
  #sendMove() {
    if (this.#isMoving !== (this.#clock.targetMs !== null)) this.#sendClock();
  }

  #sendClock() {
    this.#isMoving = this.#clock.targetMs !== null;
    this.#send("clock", this.#clock);
  }

  #flushCalls() {
    if (this.#calls.length === 0) return;
    const functions: Record<string, number> = {};
    for (const { function: name } of this.#calls) if (name !== null) functions[name] = (functions[name] ?? 0) + 1;
    this.#send("calls", { count: this.#calls.length, functions, touched: this.#touched() });
    this.#calls = [];
  }

  #touched(): CallsEvent["touched"] {
    const touched = new Map<string, CallsEvent["touched"][number]>();
    for (const { function: name, checks } of this.#calls) {
      for (const { resource } of checks) {
        const found = findByArn(this.cloud.inventory, resource);
        if (name !== null && found !== undefined) touched.set(`${name} ${found.type} ${found.name}`, [name, found.type, found.name]);
      }
    }
    return [...touched.values()];
  }

  #send<Name extends keyof StreamEvents>(event: Name, data: StreamEvents[Name]) {
    if (this.#readers.size > 0) this.#write(format(event, data));
  }

  #write(text: string) {
    for (const reader of this.#readers) {
      if (reader.writableLength > MAX_UNREAD_BYTES) reader.destroy();
      else reader.write(text);
    }
  }
}

const format = <Name extends keyof StreamEvents>(event: Name, data: StreamEvents[Name]) =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

export { Stream };
