import type { State, StateChange } from "../../kernel/state";
import { runtimeFailure } from "./failure";
import { buildEvent, type EventDraft, type HistoryEvent, MAX_EVENTS } from "./history";
import type { Json } from "./json";

/**
 * The position of one scope of an execution (its root, a branch, an iteration): a state with its input, or the end.
 * A restart continues from there.
 */
type Position = Visit | Ended;

interface Visit {
  state: string;
  input: Json;
  enteredMs: number;
  enteredEventId: number;
  /** Retries so far, by retrier. */
  retries: number[];
  /** The end of a retrier's interval or of a Wait state. */
  untilMs?: number;
  /** Whether the current attempt is already in the history. */
  scheduled?: boolean;
  lastEventId: number;
}

interface Ended {
  output: Json;
  lastEventId: number;
}

/** The history and positions of one execution. Every write is one batch, and writes keep their order. */
class Journal {
  #lastEventId = 0;
  readonly #positions = new Map<string, Position>();

  /** `key` names the execution in the state, `MACHINE/NAME`. */
  constructor(
    private readonly state: State,
    private readonly key: string,
  ) {}

  async load() {
    this.#lastEventId = (await this.events()).at(-1)?.id ?? 0;
    const prefix = `position/${this.key}/`;
    for (const [path, position] of await this.state.entries<Position>(prefix)) this.#positions.set(path.slice(prefix.length), position);
  }

  events(): Promise<HistoryEvent[]> {
    return this.state.entries<HistoryEvent>(`history/${this.key}/`).then(entries => entries.map(([, event]) => event));
  }

  position(scope: string): Position | undefined {
    return this.#positions.get(scope);
  }

  get nextEventId() {
    return this.#lastEventId + 1;
  }

  /** Numbers events. Throws `Failure` States.Runtime if there are too many. */
  record(drafts: EventDraft[], previousEventId: number): { changes: StateChange[]; lastEventId: number } {
    if (this.#lastEventId + drafts.length >= MAX_EVENTS)
      throw runtimeFailure(`The execution reached the maximum number of history events (${MAX_EVENTS}).`);
    return this.#append(drafts, previousEventId);
  }

  /** Like `record`, for the event that ends an execution. It has no limit. */
  recordEnd(drafts: EventDraft[], previousEventId: number): StateChange[] {
    return this.#append(drafts, previousEventId).changes;
  }

  /** The change that moves a scope. The positions of the scopes in `ends` are deleted. */
  move(scope: string, position: Position | undefined, ends: string[] = []): StateChange[] {
    for (const ended of ends) this.#positions.delete(ended);
    const deletes = ends.map(ended => ({ delete: this.#path(ended) }));
    if (position === undefined) return deletes;
    this.#positions.set(scope, position);
    return [...deletes, { put: this.#path(scope), value: position }];
  }

  /** Scopes inside a scope. */
  within(scope: string): string[] {
    return [...this.#positions.keys()].filter(other => other !== scope && other.startsWith(`${scope}/`));
  }

  scopes(): string[] {
    return [...this.#positions.keys()];
  }

  write(changes: StateChange[]): Promise<void> {
    return this.state.batch(changes);
  }

  #append(drafts: EventDraft[], previousEventId: number) {
    let before = previousEventId;
    const changes = drafts.map((draft): StateChange => {
      this.#lastEventId += 1;
      const event = buildEvent(draft, this.#lastEventId, before);
      before = event.id;
      return { put: `history/${this.key}/${String(event.id).padStart(6, "0")}`, value: event };
    });
    return { changes, lastEventId: before };
  }

  #path(scope: string) {
    return `position/${this.key}/${scope}`;
  }
}

export type { Ended, Position, Visit };
export { Journal };
