import type { Timer } from "@slack-fanout/laptop-cloud/kernel/clock";
import type { Cloud } from "@slack-fanout/laptop-cloud/kernel/service";
import type { State } from "@slack-fanout/laptop-cloud/kernel/state";
import { createTraceRoot } from "@slack-fanout/laptop-cloud/kernel/trace";
import type { Commit } from "./deliveries";
import type { Session } from "./session";
import type { Workspace } from "./workspace";

/** `processing` ends after an hour, unless the app sets it again. Source: https://docs.slack.dev/ai/agent-sessions#session-timeouts */
const PROCESSING_MS = 3_600_000;

/** The agent's sessions of the workspace, in memory and in the state. */
class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #timers = new Map<string, Timer>();

  constructor(
    private readonly cloud: Cloud,
    private readonly workspace: Workspace,
    private readonly state: State,
  ) {}

  async load() {
    for (const [, session] of await this.state.entries<Session>("session/")) {
      this.#sessions.set(keyOf(session), session);
      this.#watch(session);
    }
  }

  stop() {
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** Oldest thread first. */
  all(): Session[] {
    return [...this.#sessions.values()].sort((a, b) => a.threadTs.localeCompare(b.threadTs));
  }

  find(channel: string, threadTs: string): Session | undefined {
    return this.#sessions.get(keyOf({ channel, threadTs }));
  }

  /** Creates or changes a session. */
  async set(session: Session): Promise<void> {
    const { changes, after } = this.prepare(session);
    await this.workspace.write(changes);
    after();
  }

  /** The time that is left of `processing` does not change. */
  async rename(session: Session, title: string): Promise<void> {
    const renamed = { ...session, title };
    this.#sessions.set(keyOf(renamed), renamed);
    await this.workspace.write([{ put: `session/${keyOf(renamed)}`, value: renamed }]);
    this.#record(renamed);
  }

  /** Like `set`; the caller writes the changes in its own batch. */
  prepare({ dueMs: _, ...session }: Session): Commit {
    const kept = session.status === "processing" ? { ...session, dueMs: this.cloud.clock.nowMs() + PROCESSING_MS } : session;
    this.#sessions.set(keyOf(kept), kept);
    this.#watch(kept);
    return { changes: [{ put: `session/${keyOf(kept)}`, value: kept }], after: () => this.#record(kept) };
  }

  #watch(session: Session) {
    const key = keyOf(session);
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    if (session.dueMs === undefined) return;
    const { clock } = this.cloud;
    // A length of time, since the clock may be put back.
    const leftMs = Math.min(PROCESSING_MS, Math.max(0, session.dueMs - clock.nowMs()));
    const timer = clock.after(leftMs, () => void clock.hold(this.#timeOut(key)).catch(error => console.error(error)));
    this.#timers.set(key, timer);
  }

  async #timeOut(key: string) {
    await this.set({ ...this.#sessions.get(key)!, status: "active" });
  }

  #record({ channel, threadTs, status }: Session) {
    const { clock, occurrences } = this.cloud;
    const trace = this.workspace.find(channel, threadTs)?.trace ?? createTraceRoot(clock.nowMs());
    const detail = { change: "session", channel, ts: threadTs, status };
    occurrences.record({ atMs: clock.nowMs(), kind: "slack", trace, from: "slack", to: "slack", detail });
  }
}

const keyOf = ({ channel, threadTs }: Pick<Session, "channel" | "threadTs">) => `${channel}/${threadTs}`;

export { Sessions };
