/** Turn queues: joins, moves, reads and waits, with the follow-up work of each change. The doors, the timer and the sweep all use this. */

import { setTimeout as sleepMs } from "node:timers/promises";
import type { Deadline } from "#core/deadline";
import type { ClaimPlace } from "#core/dibs/claim-id";
import { type Move, type Moved, move } from "#core/dibs/moves";
import { foldName } from "#core/dibs/name";
import { buildDibsNotice } from "#core/dibs/notice";
import {
  buildQueue,
  type Claim,
  computeDueMs,
  type EndedClaim,
  findTurn,
  type Moment,
  type OutboxEntry,
  type Queue,
  settle,
  type Turn,
} from "#core/dibs/queue";
import { NotDurable } from "#core/errors";
import { createId } from "#core/ids";
import type { Log } from "#core/log";
import { metrics } from "#core/metrics";
import type { FunctionArn, QueueArn, RoleArn, ScheduleGroupName, TableName, TopicArn } from "#core/named";
import { runSideBySide } from "#core/side-by-side";
import { createDynamoDB, createSNS, MAX_CALLS } from "#stores/aws-clients";
import { DibsTable, type QueueKey } from "#stores/dibs/dibs-table";
import { buildPlace, DibsHistoryTable, type PastClaim } from "#stores/dibs/history-table";
import { createSchedules, type Schedules, type SchedulesSettings } from "#stores/dibs/schedules";
import { NoticesTopic } from "#stores/notice/topic";

interface DibsSettings {
  dibsTable: TableName;
  historyTable: TableName;
  noticesTopicArn: TopicArn;
  /** The schedule group of the timers, and the function that they call. */
  scheduleGroup: ScheduleGroupName;
  releaseArn: FunctionArn;
  timerRoleArn: RoleArn;
  timerDeadLettersArn: QueueArn;
}

/** How long a turn lasts if it is claimed without a time. */
interface TurnDefault {
  /** Seconds; null for an open turn. */
  dibsDefault: number | null;
}

/** Who claims what, for how long. A repeated request has the same `id`. */
type ClaimRequest = QueueKey & Omit<Claim, "joinedAtMs" | "leaseId" | "sinceMs" | "expiresAtMs" | "isWarned">;

/** The result of joining. */
type Joined =
  /** `isNew` is false for a repeated request. `isFirst` is true if the claim created the queue. */
  | { is: "in"; claim: Claim; queue: Queue; isNew: boolean; isFirst: boolean }
  /** A repeated request whose claim has ended in the meantime. */
  | { is: "over"; queue: Queue }
  /** This person is already in the queue. */
  | { is: "already"; claim: Claim; queue: Queue }
  | { is: "full" }
  /** The resource does not exist, and only an admin may add it. */
  | { is: "unapproved" };

type ClaimStatus =
  | { is: "holding"; claim: Claim; queue: Queue; turn: Turn }
  | { is: "waiting"; claim: Claim; queue: Queue; position: number }
  | { is: "ended"; ended: EndedClaim };

/** The stores and the clock that turn queues need. */
interface DibsParts {
  queues: DibsTable;
  history: DibsHistoryTable;
  schedules: Pick<Schedules, "create">;
  notices: Pick<NoticesTopic, "publish">;
  log: Log;
  nowMs?: () => number;
  newId?: () => string;
  sleep?: (ms: number) => Promise<unknown>;
}

interface MoveOptions {
  /** Makes a repeated request harmless. */
  requestKey?: string | undefined;
  /** The queue, if it was just read. */
  known?: Queue;
}

/** A longer chain of renames is a cycle, or too long to follow. */
const MAX_RENAMES = 5;
/** The first and the largest delay between retries while others write to the same queue. Jitter spreads the retries. */
const BASE_WAIT_MS = 15;
const MAX_WAIT_MS = 250;
/** How often a waiting request reads the queue: it notices its turn within half a second. */
const POLL_MS = 500;

class Dibs {
  readonly #parts: Required<DibsParts>;

  constructor(parts: DibsParts) {
    this.#parts = { nowMs: Date.now, newId: createId, sleep: sleepMs, ...parts };
  }

  /** Joins a queue with one write. Throws `NotDurable`. */
  async claim({ team, name, ...request }: ClaimRequest, mustExist: boolean, deadline: Deadline): Promise<Joined> {
    const claim: Claim = { ...request, joinedAtMs: this.#parts.nowMs(), leaseId: this.#parts.newId() };
    let key = { team, name };
    for (let renames = 0; renames < MAX_RENAMES; renames += 1) {
      const written = await this.#parts.queues.join(key, claim, mustExist, deadline);
      if ("queue" in written) return this.welcome(written.queue, claim, true, deadline);
      const { refused } = written;
      if (refused?.renamedTo === undefined) return this.explain(refused, claim, deadline);
      key = { team, name: refused.renamedTo };
      // A repeated request from long ago, whose claim may have ended under the new name. Only the API keeps its keys for so long.
      const isRepeat =
        claim.fingerprint !== undefined && (await this.#parts.history.find({ ...key, id: claim.id }, deadline)) !== undefined;
      if (isRepeat) return { is: "over", queue: refused };
    }
    return { is: "unapproved" };
  }

  /** Reads a queue after applying expired turns. Undefined if there is none. */
  async look(key: QueueKey, deadline: Deadline): Promise<Queue | undefined> {
    const queue = await this.find(key, deadline);
    return queue && this.refresh(queue, deadline);
  }

  /** Lists a team's queues by name, as they are now. */
  async list(team: string, page: { limit: number; after?: string }, deadline: Deadline): Promise<Queue[]> {
    const queues = await this.#parts.queues.list(team, page, deadline);
    await runSideBySide([...queues.keys()], MAX_CALLS, async index => {
      queues[index] = (await this.refresh(queues[index]!, deadline)) ?? queues[index]!;
    });
    return queues;
  }

  /** Makes a move. Undefined if there is no such queue. Throws `NotDurable` if other writers conflicted until the time was up. */
  async move(key: QueueKey, asked: Move, deadline: Deadline, { requestKey, known }: MoveOptions = {}): Promise<Moved | undefined> {
    for (let tries = 0; deadline.leftMs > 0; tries += 1) {
      const before = tries === 0 && known !== undefined ? known : await this.find(key, deadline);
      if (before === undefined) return undefined;
      const moved = move(before, this.moment(), asked, requestKey);
      if (moved.queue === before) return moved;
      if (await this.#parts.queues.put(moved.queue, deadline)) {
        await this.followUp(before, moved.queue, deadline);
        return moved;
      }
      await this.#parts.sleep(Math.random() * Math.min(MAX_WAIT_MS, BASE_WAIT_MS * 2 ** tries, deadline.leftMs));
    }
    throw new NotDurable("The queue changed too often.", { context: { team: key.team, name: key.name } });
  }

  /** Finds the status of a claim. Undefined if there never was one, or too long ago. */
  async findStatus(place: ClaimPlace, deadline: Deadline): Promise<ClaimStatus | undefined> {
    const queue = await this.look(place, deadline);
    const inQueue = queue && findStatusIn(queue, place.id);
    if (inQueue !== undefined) return inQueue;
    const others = queue === undefined ? [] : [queue, ...(queue.formerNames ?? [])].filter(({ name }) => name !== place.name);
    let ended = await this.findPast(place, deadline);
    for (const { name } of others) ended ??= await this.#parts.history.find({ ...place, name }, deadline);
    return ended && { is: "ended", ended };
  }

  /** Finds a claim in the history, which is stored under the queue's display name. */
  async findPast(place: ClaimPlace, deadline: Deadline): Promise<EndedClaim | undefined> {
    const past = await this.#parts.history.find(place, deadline);
    if (past !== undefined || foldName(place.name) === place.name) return past;
    const queue = await this.#parts.queues.get(place, deadline);
    return queue && this.#parts.history.find({ ...place, name: queue.name }, deadline);
  }

  /** Waits for a claim's turn. Returns its status when the turn has begun, or the time is up. */
  async wait(place: ClaimPlace, wait: Deadline, deadline: Deadline): Promise<ClaimStatus | undefined> {
    let status = await this.findStatus(place, deadline);
    while (status?.is === "waiting" && wait.leftMs > 0) {
      await this.#parts.sleep(Math.min(POLL_MS, wait.leftMs));
      status = await this.findStatus(place, deadline);
    }
    return status;
  }

  /** Records a heartbeat with one write. Undefined if the claim is not in its queue. */
  async recordHeartbeat(place: ClaimPlace, deadline: Deadline): Promise<ClaimStatus | undefined> {
    let key: QueueKey = place;
    for (let renames = 0; renames < MAX_RENAMES; renames += 1) {
      const written = await this.#parts.queues.recordHeartbeat(key, place.id, this.#parts.nowMs(), deadline);
      if ("queue" in written) {
        const queue = await this.refresh(written.queue, deadline);
        return queue && findStatusIn(queue, place.id);
      }
      if (written.refused?.renamedTo === undefined) return undefined;
      key = { team: place.team, name: written.refused.renamedTo };
    }
    return undefined;
  }

  /** Catches up on one queue: ends expired turns, drops dead claims, sends the outbox. */
  async sweep(key: QueueKey, deadline: Deadline): Promise<void> {
    const before = await this.#parts.queues.get(key, deadline);
    if (before === undefined) return;
    const { queue } = move(before, this.moment(), { do: "settle" });
    const isChanged = queue !== before;
    if (isChanged || before.dueAtMs !== computeDueMs(before)) {
      const next = isChanged ? queue : { ...before, version: before.version + 1 };
      // Another writer changed the queue first. It has done the same, or the next sweep will.
      if (!(await this.#parts.queues.put(next, deadline))) return;
    }
    await this.followUp(before, queue, deadline);
  }

  /** Ends the turn that a timer was made for, if that turn is still current and its time is over. */
  async release(key: QueueKey, leaseId: string, deadline: Deadline): Promise<void> {
    const queue = await this.find(key, deadline);
    if (queue === undefined || findTurn(queue)?.claim.leaseId !== leaseId) return;
    await this.refresh(queue, deadline);
  }

  /** Lists the queues that need a sweep. */
  listDue(): Promise<QueueKey[]> {
    return this.#parts.queues.listDue(this.#parts.nowMs());
  }

  /** Tells whether people of a team may claim only what an admin has added. */
  isApproveOnly(team: string, deadline: Deadline): Promise<boolean> {
    return this.#parts.queues.isApproveOnly(team, deadline);
  }

  setApproveOnly(team: string, approveOnly: boolean, deadline: Deadline): Promise<void> {
    return this.#parts.queues.setApproveOnly(team, approveOnly, deadline);
  }

  /** Lists a queue's ended claims, the latest first. Undefined if there never was such a queue. */
  async listPast(key: QueueKey, page: { limit: number; before?: string }, deadline: Deadline): Promise<PastClaim[] | undefined> {
    // Expired turns must end first: they belong to the history.
    const queue = await this.look(key, deadline);
    const past = queue === undefined ? await this.#parts.history.list(key, page, deadline) : await this.listPastOf(queue, page, deadline);
    return queue === undefined && past.length === 0 ? undefined : past;
  }

  /** Lists what is recorded under each name that a queue has had, the latest first. */
  private async listPastOf(queue: Queue, { limit, before }: { limit: number; before?: string }, deadline: Deadline): Promise<PastClaim[]> {
    const names: { name: string; untilMs?: number }[] = [{ name: queue.name }, ...(queue.formerNames ?? [])];
    const lists = await Promise.all(
      names.map(({ name, untilMs }) => {
        // The former name may belong to another queue now.
        const bounds = [...(untilMs === undefined ? [] : [buildPlace(untilMs + 1)]), ...(before === undefined ? [] : [before])];
        const [first] = bounds.sort();
        return this.#parts.history.list({ team: queue.team, name }, { limit, ...(first === undefined ? {} : { before: first }) }, deadline);
      }),
    );
    return lists
      .flat()
      .sort((first, second) => (first.place < second.place ? 1 : -1))
      .slice(0, limit);
  }

  /** Adds a resource. False if it exists already. */
  async add(key: QueueKey, deadline: Deadline): Promise<boolean> {
    const existing = await this.#parts.queues.get(key, deadline);
    if (existing !== undefined && !existing.isRemoved && existing.renamedTo === undefined) return false;
    const fresh = { ...buildFresh(key, existing), isRemoved: undefined, renamedTo: undefined };
    if (await this.#parts.queues.put(fresh, deadline)) return true;
    throw new NotDurable("Another request changed the queue at the same time.");
  }

  /** Renames a queue and leaves a pointer under the old name. */
  async rename(key: QueueKey, to: string, deadline: Deadline): Promise<"renamed" | "unknown" | "taken"> {
    const [from, target] = await Promise.all([
      this.#parts.queues.get(key, deadline),
      this.#parts.queues.get({ ...key, name: to }, deadline),
    ]);
    if (from === undefined || from.isRemoved || from.renamedTo !== undefined) return "unknown";
    if (target !== undefined && !target.isRemoved && target.renamedTo === undefined) return "taken";
    const renamed: Queue = {
      ...from,
      name: to,
      version: (target?.version ?? 0) + 1,
      // Fencing numbers must not shrink under the new name either.
      passed: Math.max(from.passed, target?.passed ?? 0),
      isRemoved: undefined,
      formerNames: [...(from.formerNames ?? []), { name: from.name, untilMs: this.#parts.nowMs() }]
        .filter(({ name }) => name !== to)
        .slice(-MAX_RENAMES),
    };
    const pointer: Queue = { ...buildFresh(key, from), renamedTo: to };
    if (!(await this.#parts.queues.putBoth(renamed, pointer, deadline)))
      throw new NotDurable("Another request changed a queue at the same time.");
    // Timers with the old name find the new one through the pointer.
    await this.followUp(renamed, renamed, deadline);
    return "renamed";
  }

  /** Reads a queue, following renames. */
  private async find(key: QueueKey, deadline: Deadline): Promise<Queue | undefined> {
    let queue = await this.#parts.queues.get(key, deadline);
    for (let renames = 0; queue?.renamedTo !== undefined && renames < MAX_RENAMES; renames += 1) {
      queue = await this.#parts.queues.get({ team: key.team, name: queue.renamedTo }, deadline);
    }
    return queue?.isRemoved || queue?.renamedTo !== undefined ? undefined : queue;
  }

  /** Applies expired turns to a queue that was just read. */
  private async refresh(queue: Queue, deadline: Deadline): Promise<Queue | undefined> {
    if (settle(queue, this.moment()) === queue) return queue;
    return (await this.move(queue, { do: "settle" }, deadline, { known: queue }))?.queue;
  }

  /** Follows up on a join: ends an expired turn, and starts the timer of a new turn. */
  private async welcome(written: Queue, claim: Claim, isNew: boolean, deadline: Deadline): Promise<Joined> {
    const queue = (await this.refresh(written, deadline)) ?? written;
    const turn = findTurn(queue);
    if (turn?.claim.id === claim.id && queue === written) await this.startTimer(queue, turn, deadline);
    const joined = queue.claims.find(({ id }) => id === claim.id);
    return joined === undefined ? { is: "over", queue } : { is: "in", claim: joined, queue, isNew, isFirst: written.version === 1 };
  }

  /** Explains why a claim could not join. An earlier write of the same request is not a conflict. */
  private async explain(queue: Queue | undefined, claim: Claim, deadline: Deadline): Promise<Joined> {
    if (queue === undefined) return { is: "unapproved" };
    const same = queue.claims.find(({ id }) => id === claim.id);
    if (same !== undefined) return this.welcome(queue, same, false, deadline);
    const other = claim.isPersonal ? queue.claims.find(({ owner, isPersonal }) => isPersonal && owner === claim.owner) : undefined;
    if (other !== undefined) return { is: "already", claim: other, queue };
    const hasEnded = queue.ended.some(({ id }) => id === claim.id) || findSent(queue, claim.id) !== undefined;
    if (hasEnded) return { is: "over", queue };
    return queue.isRemoved ? { is: "unapproved" } : { is: "full" };
  }

  /** Follows up on a change: starts the timer of a new turn and sends the outbox. The sweep repeats what fails here. */
  private async followUp(before: Queue, after: Queue, deadline: Deadline): Promise<void> {
    const [was, is] = [findTurn(before), findTurn(after)];
    const isNewTurn = is !== undefined && (was?.claim.leaseId !== is.claim.leaseId || was.expiresAtMs !== is.expiresAtMs);
    if (is !== undefined && was?.claim.leaseId !== is.claim.leaseId) metrics.add("DibsWaitMs", is.sinceMs - is.claim.joinedAtMs);
    await Promise.all([isNewTurn ? this.startTimer(after, is, deadline) : undefined, this.send(after, deadline)]);
  }

  /** Starts the timer that ends a turn. An open turn needs none. */
  private async startTimer({ team, name }: QueueKey, { claim: { leaseId }, expiresAtMs }: Turn, deadline: Deadline): Promise<void> {
    if (expiresAtMs === null) return;
    try {
      const timer = `${leaseId}-${Math.ceil(expiresAtMs / 1000)}`;
      await this.#parts.schedules.create({ name: timer, atMs: expiresAtMs, input: { team, name, leaseId } }, deadline);
    } catch (error) {
      this.#parts.log.error("no timer; the sweep will end the turn", error, { team, name });
    }
  }

  /** Sends the entries of a queue's outbox, and removes those that were sent. */
  private async send(queue: Queue, deadline: Deadline): Promise<void> {
    const sent: string[] = [];
    try {
      await runSideBySide(Object.entries(queue.outbox), MAX_CALLS, async ([id, entry]) => {
        await this.sendEntry(queue, id, entry, deadline);
        sent.push(id);
      });
    } catch (error) {
      this.#parts.log.error("not sent; the sweep will", error, { team: queue.team, name: queue.name });
    }
    if (sent.length === 0) return;
    try {
      await this.#parts.queues.forgetSent(queue, sent, deadline);
    } catch (error) {
      this.#parts.log.error("sent, and will be sent again", error, { team: queue.team, name: queue.name });
    }
  }

  private async sendEntry(queue: QueueKey, id: string, entry: OutboxEntry, deadline: Deadline): Promise<void> {
    if (entry.kind === "ended") await this.#parts.history.put(queue, entry.ended, deadline);
    else await this.#parts.notices.publish(buildDibsNotice(queue, id, entry));
  }

  private moment(): Moment {
    return { nowMs: this.#parts.nowMs(), newId: this.#parts.newId };
  }
}

/** Builds an empty queue that continues an earlier one: its version, its fencing numbers and its known requests. */
const buildFresh = ({ team, name }: QueueKey, earlier: Queue | undefined): Queue => ({
  ...buildQueue(team, name),
  version: (earlier?.version ?? 0) + 1,
  passed: earlier?.passed ?? 0,
  ended: earlier?.ended ?? [],
  applied: earlier?.applied ?? [],
});

/** Finds a claim that has ended but is not in the history yet. */
const findSent = (queue: Queue, id: string): EndedClaim | undefined => {
  const entries = Object.values(queue.outbox).flatMap(entry => (entry.kind === "ended" ? [entry.ended] : []));
  return entries.find(({ claim }) => claim.id === id);
};

/** Finds a claim's status from its queue alone. */
const findStatusIn = (queue: Queue, id: string): ClaimStatus | undefined => {
  const position = queue.claims.findIndex(claim => claim.id === id);
  const claim = queue.claims[position];
  const turn = findTurn(queue);
  if (claim === undefined || turn === undefined) {
    const ended = findSent(queue, id);
    return ended && { is: "ended", ended };
  }
  return position === 0 ? { is: "holding", claim, queue, turn } : { is: "waiting", claim, queue, position };
};

/** Creates `Dibs` and its clients. On the ack path, slow follow-up work is left to the sweep. */
const createDibs = (settings: DibsSettings, log: Log, patience: "ack" | "background"): Dibs => {
  const client = createDynamoDB(patience);
  const schedules: SchedulesSettings = {
    groupName: settings.scheduleGroup,
    targetArn: settings.releaseArn,
    roleArn: settings.timerRoleArn,
    deadLettersArn: settings.timerDeadLettersArn,
  };
  return new Dibs({
    queues: new DibsTable(client, settings.dibsTable),
    history: new DibsHistoryTable(client, settings.historyTable),
    schedules: createSchedules(schedules),
    notices: new NoticesTopic(createSNS(patience), settings.noticesTopicArn),
    log,
  });
};

export type { ClaimRequest, ClaimStatus, DibsSettings, Joined, TurnDefault };
export { createDibs, Dibs, findStatusIn };
