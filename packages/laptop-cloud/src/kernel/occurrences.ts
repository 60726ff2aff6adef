/**
 * Something that happened in the cloud, for the page's live view and for traces.
 *
 * `kind` is "http", "request", "invoke", "invoked", "log", "publish", "deliver", "retry", "throttle", "dead-letter", "alarm", "timer", "mail", "reload", "debugger", or a
 * plugin's name. `from` and `to` are the ends of the edge that it passed, if any: Pulumi names, "administrator", "internet" or a plugin's name.
 */
interface Occurrence {
  atMs: number;
  kind: string;
  /** The trace's root, the same for everything that one message caused. */
  trace?: string;
  /** Id of the CloudEvent that it concerns. */
  message?: string;
  from?: string;
  to?: string;
  /** Details for display: status, ms, attempt, requestId, error. Never a secret. */
  detail?: Record<string, unknown>;
}

/** Enough for a long afternoon; older ones are dropped. */
const KEPT_OCCURRENCES = 20_000;

class Occurrences {
  #occurrences: Occurrence[] = [];
  readonly #tracesOfMessage = new Map<string, Set<string>>();
  readonly #listeners = new Set<(occurrence: Occurrence) => void>();

  record(occurrence: Occurrence) {
    this.#occurrences.push(occurrence);
    if (this.#occurrences.length > KEPT_OCCURRENCES * 1.1) this.#occurrences = this.#occurrences.slice(-KEPT_OCCURRENCES);
    if (occurrence.message !== undefined && occurrence.trace !== undefined) this.#link(occurrence.message, occurrence.trace);
    for (const listener of this.#listeners) listener(occurrence);
  }

  all(): readonly Occurrence[] {
    return this.#occurrences;
  }

  /** All occurrences that one message caused: those that name it, and those with the same trace. */
  ofMessage(message: string): Occurrence[] {
    const traces = this.#tracesOfMessage.get(message) ?? new Set();
    return this.#occurrences.filter(
      occurrence => occurrence.message === message || (occurrence.trace !== undefined && traces.has(occurrence.trace)),
    );
  }

  tracesOfMessage(message: string): string[] {
    return [...(this.#tracesOfMessage.get(message) ?? [])];
  }

  onRecord(listener: (occurrence: Occurrence) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #link(message: string, trace: string) {
    const traces = this.#tracesOfMessage.get(message) ?? new Set();
    this.#tracesOfMessage.set(message, traces.add(trace));
    if (this.#tracesOfMessage.size > KEPT_OCCURRENCES) this.#tracesOfMessage.delete(this.#tracesOfMessage.keys().next().value!);
  }
}

export type { Occurrence };
export { Occurrences };
