import type { ServerResponse } from "node:http";
import type { RecordedCall } from "../kernel/calls";
import type { Cloud } from "../kernel/service";
import { findByArn } from "./find-resource";

/** AWS calls come in hundreds: they are told in lots, milliseconds. */
const callsEveryMs = 250;

/** Proxies and browsers drop a silent connection; comments keep it open. */
const heartbeatEveryMs = 15_000;

/** A reader that has so much unread is gone or asleep: it is cut off, and comes back by itself. */
const mostUnreadBytes = 4 * 1024 * 1024;

/**
 * `GET /control/stream`: server-sent events of what happens.
 *
 * `occurrence` (one each), `calls` (`{count, functions: {NAME: count}, touched: [[FUNCTION, TYPE, NAME]]}`: AWS calls of functions
 * since the last, and the resources that they were about), `clock` (`{nowMs}`, when it
 * is moved) and `weather` (the report, when it is changed). It begins with `clock` and `weather`.
 */
class Stream {
  readonly #readers = new Set<ServerResponse>();
  readonly #endings: (() => void)[] = [];
  #calls: RecordedCall[] = [];
  #weather = "";

  constructor(private readonly cloud: Cloud) {}

  start() {
    const flushing = setInterval(() => {
      this.#flushCalls();
      this.#tellWeather();
    }, callsEveryMs);
    const beating = setInterval(() => this.#write(": still here\n\n"), heartbeatEveryMs);
    this.#endings.push(
      this.cloud.occurrences.onRecord(occurrence => this.#send("occurrence", occurrence)),
      this.cloud.calls.onRecord(call => call.function !== null && this.#calls.push(call)),
      this.cloud.clock.onAdvance(nowMs => this.#send("clock", { nowMs })),
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
    response.write(format("clock", { nowMs: this.cloud.clock.nowMs() }) + format("weather", this.cloud.weather.report));
    this.#readers.add(response);
    response.once("close", () => this.#readers.delete(response));
  }

  /** It changes by hand, and by itself when a kill or one of the next n faults is used up. */
  #tellWeather() {
    const weather = JSON.stringify(this.cloud.weather.report);
    if (weather === this.#weather) return;
    this.#weather = weather;
    this.#send("weather", this.cloud.weather.report);
  }

  #flushCalls() {
    if (this.#calls.length === 0) return;
    const functions: Record<string, number> = {};
    for (const { function: name } of this.#calls) if (name !== null) functions[name] = (functions[name] ?? 0) + 1;
    this.#send("calls", { count: this.#calls.length, functions, touched: this.#touched() });
    this.#calls = [];
  }

  #touched(): string[][] {
    const touched = new Map<string, string[]>();
    for (const { function: name, checks } of this.#calls) {
      for (const { resource } of checks) {
        const found = findByArn(this.cloud.inventory, resource);
        if (name !== null && found !== undefined) touched.set(`${name} ${found.type} ${found.name}`, [name, found.type, found.name]);
      }
    }
    return [...touched.values()];
  }

  #send(event: string, data: unknown) {
    if (this.#readers.size > 0) this.#write(format(event, data));
  }

  #write(text: string) {
    for (const reader of this.#readers) {
      if (reader.writableLength > mostUnreadBytes) reader.destroy();
      else reader.write(text);
    }
  }
}

const format = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

export { Stream };
