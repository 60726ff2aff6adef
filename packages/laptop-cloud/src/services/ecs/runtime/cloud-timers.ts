import { AsyncResource } from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";
import nodeTimers from "node:timers";
import nodePromises from "node:timers/promises";
import { promisify } from "node:util";

/** The machine's own timers, for work that must not follow the cloud's time. */
const machine = { setTimeout, clearTimeout, setImmediate };

/** Node.js treats longer delays, and those below 1, as 1 ms (Timers, "setTimeout"). */
const MAX_DELAY_MS = 2 ** 31 - 1;

const pending = new Set<CloudTimer>();
/** Timers whose number was read, so that they may be cleared by number. */
const numbered = new Map<number, CloudTimer>();
let lastNumber = 0;

/** A `Timeout` that comes due by `Date.now()`. */
class CloudTimer {
  #handle: NodeJS.Timeout | undefined;
  #isReferenced = true;
  #number: number | undefined;
  dueMs = 0;
  readonly #context = new AsyncResource("CloudTimer");

  constructor(
    private readonly fire: () => void,
    private readonly delayMs: number,
    private readonly repeats: boolean,
  ) {
    this.refresh();
  }

  ref() {
    this.#isReferenced = true;
    this.#handle?.ref();
    return this;
  }

  unref() {
    this.#isReferenced = false;
    this.#handle?.unref();
    return this;
  }

  hasRef() {
    return this.#isReferenced;
  }

  refresh() {
    this.dueMs = Date.now() + this.delayMs;
    pending.add(this);
    this.arm();
    return this;
  }

  close() {
    machine.clearTimeout(this.#handle);
    pending.delete(this);
    if (this.#number !== undefined) numbered.delete(this.#number);
    return this;
  }

  [Symbol.toPrimitive]() {
    this.#number ??= ++lastNumber;
    numbered.set(this.#number, this);
    return this.#number;
  }

  /** Sets the machine's timer to the rest of the cloud's time. */
  arm() {
    machine.clearTimeout(this.#handle);
    this.#handle = machine.setTimeout(() => this.#expire(), Math.max(0, this.dueMs - Date.now()));
    if (!this.#isReferenced) this.#handle.unref();
  }

  /** The machine's timers use another clock than `Date` and may fire a millisecond early. */
  #expire() {
    if (Date.now() < this.dueMs) return this.arm();
    if (this.repeats) this.refresh();
    else this.close();
    this.#context.runInAsyncScope(this.fire);
  }
}

const toDelay = (delay: unknown) => {
  const milliseconds = Number(delay);
  return milliseconds >= 1 && milliseconds <= MAX_DELAY_MS ? Math.trunc(milliseconds) : 1;
};

type Callback = (...parameters: unknown[]) => void;

const start =
  (repeats: boolean) =>
  (callback: Callback, delay?: number, ...parameters: unknown[]) => {
    if (typeof callback !== "function")
      throw Object.assign(new TypeError('The "callback" argument must be of type function.'), { code: "ERR_INVALID_ARG_TYPE" });
    return new CloudTimer(() => callback(...parameters), toDelay(delay), repeats);
  };

const clear = (timer: unknown) => {
  if (timer instanceof CloudTimer) timer.close();
  else if (typeof timer === "number" || typeof timer === "string") numbered.get(Number(timer))?.close();
  else machine.clearTimeout(timer as NodeJS.Timeout | undefined);
};

interface WaitOptions {
  signal?: AbortSignal;
  ref?: boolean;
}

const wait = <T>(delay?: number, value?: T, { signal, ref = true }: WaitOptions = {}): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const abort = () => {
      timer.close();
      reject(Object.assign(new Error("The operation was aborted", { cause: signal?.reason }), { name: "AbortError", code: "ABORT_ERR" }));
    };
    const timer = new CloudTimer(
      () => {
        signal?.removeEventListener("abort", abort);
        resolve(value);
      },
      toDelay(delay),
      false,
    );
    if (!ref) timer.unref();
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });

const repeat = async function* <T>(delay?: number, value?: T, options?: WaitOptions) {
  for (;;) {
    await wait(delay, undefined, options);
    yield value;
  }
};

/** Replaces Node's timers (global, `timers` and `timers/promises`) by timers that follow `Date.now()`. */
const installCloudTimers = () => {
  const timers = {
    setTimeout: Object.assign(start(false), { [promisify.custom]: wait }),
    setInterval: start(true),
    clearTimeout: clear,
    clearInterval: clear,
  };
  Object.assign(globalThis, timers);
  Object.assign(nodeTimers, timers);
  Object.assign(nodePromises, { setTimeout: wait, setInterval: repeat });
  nodePromises.scheduler.wait = (delay, options) => wait(delay, undefined, options) as Promise<void>;
  syncBuiltinESMExports();
};

/** Call after `Date` was moved by so much: due timers fire at once, in order. After a move back, each still waits for what was left of its delay. */
const rearm = (movedMs: number) => {
  if (movedMs < 0) for (const timer of pending) timer.dueMs += movedMs;
  for (const timer of [...pending].sort((a, b) => a.dueMs - b.dueMs)) timer.arm();
};

/** Due time of the next timer, in epoch milliseconds of the cloud; null for none. */
const nextDueMs = (): number | null => {
  let least: number | null = null;
  for (const { dueMs } of pending) if (least === null || dueMs < least) least = dueMs;
  return least;
};

export { installCloudTimers, machine, nextDueMs, rearm };
