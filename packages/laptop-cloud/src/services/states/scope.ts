import { Abandoned } from "./failure";
import type { EventDraft } from "./history";
import type { Journal, Position, Visit } from "./journal";
import type { Json } from "./json";

/** The item of a Map state's iteration, `$$.Map.Item`. */
interface MapItem {
  Index: number;
  Value: Json;
}

interface ScopeOptions {
  path: string;
  journal: Journal;
  /** Aborted when the execution is over, a sibling has failed, or the cloud stops. */
  signal: AbortSignal;
  nowMs: () => number;
  lastEventId: number;
  item?: MapItem | undefined;
}

/**
 * One thread of an execution: its root, a branch of a Parallel state, or an iteration of a Map state. Events wait here until the write
 * that moves the scope.
 */
class Scope {
  #drafts: EventDraft[] = [];

  readonly path: string;
  readonly signal: AbortSignal;
  readonly item: MapItem | undefined;
  readonly #journal: Journal;
  readonly #nowMs: () => number;
  #lastEventId: number;

  constructor({ path, journal, signal, nowMs, lastEventId, item }: ScopeOptions) {
    this.path = path;
    this.signal = signal;
    this.item = item;
    this.#journal = journal;
    this.#nowMs = nowMs;
    this.#lastEventId = lastEventId;
  }

  get position(): Position | undefined {
    return this.#journal.position(this.path);
  }

  emit(type: string, details?: object) {
    this.#drafts.push({ type, atMs: this.#nowMs(), details });
  }

  /** Enters a state and records the event. */
  enter(state: string, type: string, input: Json): Visit {
    this.emit(`${type}StateEntered`, { name: state, input: JSON.stringify(input), inputDetails: { truncated: false } });
    const enteredEventId = this.#journal.nextEventId + this.#drafts.length - 1;
    return { state, input, enteredMs: this.#nowMs(), enteredEventId, retries: [], lastEventId: this.#lastEventId };
  }

  /**
   * Writes the events so far and the new position in one batch. Scopes inside this one end. Throws `Abandoned`.
   */
  async move(position: Position, keepsInner = false) {
    this.signal.throwIfAborted();
    const { changes, lastEventId } = this.#journal.record(this.takeEvents(), this.#lastEventId);
    this.#lastEventId = lastEventId;
    const ends = keepsInner ? [] : this.#journal.within(this.path);
    await this.#journal.write([...changes, ...this.#journal.move(this.path, { ...position, lastEventId }, ends)]);
    this.signal.throwIfAborted();
  }

  /** Creates a scope inside this one. */
  inner(name: string, signal: AbortSignal, item?: MapItem): Scope {
    const path = `${this.path}/${encodeURIComponent(name)}`;
    const lastEventId = this.#journal.position(path)?.lastEventId ?? this.#lastEventId;
    return new Scope({ path, journal: this.#journal, signal, nowMs: this.#nowMs, lastEventId, item });
  }

  takeEvents(): EventDraft[] {
    return this.#drafts.splice(0);
  }

  get previousEventId() {
    return this.#lastEventId;
  }
}

/** The abort reason of executions' signals. */
const abandoned = () => new Abandoned("The execution does not go on here.");

export type { MapItem };
export { abandoned, Scope };
