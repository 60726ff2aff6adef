/** Slack's agent sessions: the status of each thread with an agent. */

import type { Task } from "#core/agent/task";
import { deriveStatus, placeOf, type SessionStatus, type Thread, type ThreadPlace } from "#core/agent/thread";
import { SlackRefused } from "#core/errors";
import { createId } from "#core/ids";
import { createThreadsTable, type ThreadsTable } from "#stores/agent/threads-table";
import { SlackNames } from "#stores/slack/names";
import type { TokensSettings } from "#stores/slack/tokens";
import { createSlacks, type Slack } from "#stores/slack/web-api";

/** The status may change again and again while it is being set. After this many calls, setting it is left to the relay. */
const MAX_CALLS = 5;

interface SessionsParts {
  slack: Pick<Slack, "call">;
  threads: Pick<ThreadsTable, "read" | "readDue" | "putDue" | "removeDue">;
  names: Pick<SlackNames, "writeInto">;
  nowMs?: () => number;
  newId?: () => string;
}

class Sessions {
  readonly #parts: Required<SessionsParts>;

  constructor(parts: SessionsParts) {
    this.#parts = { nowMs: Date.now, newId: createId, ...parts };
  }

  /**
   * Sets the status of Slack's session to the status of the task's thread, and again if that changes meanwhile. Returns the status; undefined if Slack
   * refuses the method. If this attempt dies, it leaves a row, so that the relay finds the session and sets its status. Throws `SlackBusy`.
   */
  async show(task: Task): Promise<SessionStatus | undefined> {
    const { threads, nowMs, newId } = this.#parts;
    const place = placeOf(task);
    if (place === undefined) return undefined;
    const due = await threads.readDue(task);
    const own = { item: `${task.id}#${newId()}`, turn: task.id, atMs: nowMs() };
    // A call that runs at the same time may remove the change's row before this call has set the status. So this call adds its own row.
    await threads.putDue(own);
    const shown = await this.setUntilEqual(place);
    for (const row of due === undefined ? [own] : [own, due]) await threads.removeDue(row);
    return shown;
  }

  async readWanted(task: Task): Promise<SessionStatus> {
    const place = placeOf(task);
    const thread = place && (await this.#parts.threads.read(place));
    return thread === undefined ? "active" : deriveStatus(thread);
  }

  private async setUntilEqual(place: ThreadPlace): Promise<SessionStatus | undefined> {
    let thread = await this.#parts.threads.read(place);
    for (let calls = 0; thread !== undefined; calls += 1) {
      const status = deriveStatus(thread);
      if (!(await this.set(place, status, thread))) return undefined;
      thread = await this.#parts.threads.read(place);
      if (thread === undefined || deriveStatus(thread) === status || calls === MAX_CALLS) return status;
    }
    return undefined;
  }

  /** Returns false if Slack refuses the method. Source: https://docs.slack.dev/reference/methods/agents.sessions.setStatus */
  private async set({ channel, threadTs }: ThreadPlace, status: SessionStatus, { asker, title }: Thread): Promise<boolean> {
    const named = await this.#parts.names.writeInto(title);
    try {
      await this.#parts.slack.call("agents.sessions.setStatus", {
        channel_id: channel,
        thread_ts: threadTs,
        status,
        ...(named === "" ? {} : { title: named }),
        initiator_user_id: asker,
      });
      return true;
    } catch (error) {
      if (error instanceof SlackRefused) return false;
      throw error;
    }
  }
}

/** Creates the sessions of each workspace and their clients; the secret of the only one is `ACCESS_TOKEN`. */
const createSessions = (tasksTable: string, tokens?: TokensSettings): ((team: string) => Sessions) => {
  const slacks = createSlacks(tokens);
  const threads = createThreadsTable(tasksTable);
  const known = new Map<string, Sessions>();
  return team => {
    const slack = slacks.of(team);
    const sessions = known.get(team) ?? new Sessions({ slack, threads, names: new SlackNames(slack) });
    known.set(team, sessions);
    return sessions;
  };
};

export { createSessions, Sessions };
