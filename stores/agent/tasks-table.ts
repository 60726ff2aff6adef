/** The table `agent-tasks`: each task, and the checkpoints of its steps. */

import { randomUUID } from "node:crypto";
import {
  type CancellationReason,
  type ConditionCheck,
  type DynamoDBClient,
  type Put,
  type QueryCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type Update,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Conversation } from "#core/agent/conversation";
import { ACTIVE, BY_ASKER } from "#core/agent/tables";
import type { EndState, HeardTurn, Json, StepRecord, Task, TaskState } from "#core/agent/task";
import type { TaskRequest } from "#core/agent/task-request";
import { Deadline } from "#core/deadline";
import { Conflict, LeaseLost, NotFound, TooLarge } from "#core/errors";
import { buildLeaseKey, type Lease } from "#stores/agent/thread-leases";
import { ThreadsTable, type Turn } from "#stores/agent/threads-table";
import { createDynamoDB } from "#stores/aws-clients";
import { retryUntil } from "#stores/retry";
import { type ConditionalRequest, parseRow, type Request, Table } from "#stores/table";

interface TaskRow {
  task: string;
  item: "task";
  state: TaskState;
  team: string;
  channel: string;
  user: string;
  text: string;
  created_at: number;
  attempts: number;
  /** Key of the index of unfinished tasks, `TEAM#CHANNEL`; absent once the task has ended. */
  active?: string;
  /** Key of the index of people's unfinished tasks, `TEAM#USER`; absent once the task has ended. */
  asker?: string;
  expires_at: number;
  thread_ts?: string;
  started_at?: number;
  stop_by?: string;
  stop_at?: number;
  no_slot?: boolean;
  card_ts?: string;
  has_stream?: boolean;
  answer?: string;
  error?: string;
  time_up?: boolean;
  dead_letter?: string;
}

/** The checkpoint of a step. */
interface StepRow {
  task: string;
  /** `step#NNNN` */
  item: string;
  label: string;
  /** JSON */
  output: string;
  /** JSON of the request that was heard during the step. */
  heard?: string | undefined;
  at: number;
  expires_at: number;
}

/** The conversation that a task's brain was given. */
interface ConversationRow {
  /** JSON */
  conversation: string;
}

/** The last `stop` in a thread. */
interface StopRow {
  stop_by: string;
  stop_at: number;
}

/** How a task ended: with an answer, or with a sentence that says why there is none. */
interface Ending {
  state: EndState;
  answer?: string;
  error?: string;
  /** The task ran out of time, so another try would be useless. */
  isTimeUp?: true;
  /** The message that becomes the task's dead letter; empty if there is none. */
  deadLetter?: string;
}

/** The thread in which somebody said `stop`. */
type StopPlace = Pick<Task, "team" | "channel"> & { threadTs: string };

/** Who said `stop`, and when. */
interface StopRequest {
  by: string;
  atMs: number;
}

type Change = Pick<Request<UpdateItemCommandInput>, "UpdateExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues">;

/** A task outlives its message, which stays 4 days in the queue and 14 more in the dead-letter queue. */
const KEPT_DAYS = 30;
const DAY_SECONDS = 86_400;
/** A DynamoDB item holds 409,600 bytes; this leaves room for the other attributes. */
const MAX_OUTPUT_BYTES = 300 * 1024;
const PATIENT_BUDGET_MS = 10_000;
/** A door has 2.5 s in all. */
const ACK_BUDGET_MS = 1000;

/** DynamoDB's reason for a condition that does not hold. */
const FAILED = "ConditionalCheckFailed";
const UNFINISHED = "#state IN (:waiting, :processing)";
const UNFINISHED_VALUES = { ":waiting": "waiting", ":processing": "processing" };

const buildKey = (id: string) => ({ task: id, item: "task" as const });
const buildConversationKey = (id: string) => ({ task: id, item: "conversation" });
const buildStopKey = ({ team, channel, threadTs }: StopPlace) => ({ task: `thread#${team}#${channel}#${threadTs}`, item: "stop" });
const buildActive = (team: string, channel: string): string => `${team}#${channel}`;
const buildAsker = (team: string, user: string): string => `${team}#${user}`;
const buildExpiry = (nowMs: number): number => Math.ceil(nowMs / 1000) + KEPT_DAYS * DAY_SECONDS;
const buildStepItem = (number: number): string => `step#${String(number).padStart(4, "0")}`;

/** Omits undefined properties, so that a task without an answer has no property `answer`. */
const omitUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;

const parseTask = (row: TaskRow): Task =>
  omitUndefined({
    id: row.task,
    state: row.state,
    team: row.team,
    channel: row.channel,
    user: row.user,
    text: row.text,
    threadTs: row.thread_ts,
    createdAtMs: row.created_at,
    startedAtMs: row.started_at,
    attempts: row.attempts,
    stopBy: row.stop_by,
    hasNoSlot: row.no_slot,
    cardTs: row.card_ts,
    hasStream: row.has_stream,
    answer: row.answer,
    error: row.error,
    isTimeUp: row.time_up,
    deadLetter: row.dead_letter,
  });

const parseStep = ({ item, label, output, heard }: StepRow): StepRecord => ({
  number: Number(item.slice("step#".length)),
  label,
  output: JSON.parse(output) as Json,
  ...(heard === undefined ? {} : { heard: JSON.parse(heard) as HeardTurn }),
});

class TasksTable {
  readonly #table: Table;
  readonly #threads: ThreadsTable;

  constructor(
    client: DynamoDBClient,
    table: string,
    private readonly budgetMs = PATIENT_BUDGET_MS,
  ) {
    this.#table = new Table(client, table);
    this.#threads = new ThreadsTable(client, table);
  }

  /**
   * Puts a task that waits for a worker, as a turn of its thread, or returns the task if it exists already. A door passes the deadline of its
   * answer.
   */
  async accept(request: Omit<TaskRequest, "messageId">, nowMs: number, within?: Deadline): Promise<Task> {
    const { id, team, channel, user, text, files = [], threadTs, createdAtMs } = request;
    const task: TaskRow = {
      ...buildKey(id),
      state: "waiting",
      team,
      channel,
      user,
      text,
      thread_ts: threadTs,
      created_at: createdAtMs,
      attempts: 0,
      active: buildActive(team, channel),
      asker: buildAsker(team, user),
      expires_at: buildExpiry(nowMs),
    };
    const put = this.#table.build<Put>({
      Item: { ...task },
      ConditionExpression: "attribute_not_exists(task)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    const known = await this.transactIf([{ Put: put }, ...this.#threads.buildBeginning(request, files, nowMs)], this.limit(within));
    return parseTask(parseRow<TaskRow>(known[0]?.Item) ?? task);
  }

  /** Reads a task, strongly consistent; undefined if there is none. */
  async read(id: string, within?: Deadline): Promise<Task | undefined> {
    const row = await this.#table.get<TaskRow>(buildKey(id), this.limit(within));
    return row && parseTask(row);
  }

  /** Begins or resumes a task. Returns it as it is afterwards, unchanged if it has ended. Throws `NotFound`. */
  async begin({ id, attempts }: Pick<Task, "id" | "attempts">, nowMs: number): Promise<Task> {
    // Sets the number instead of adding to it, so that a write whose answer was lost can be retried.
    return this.updateUnfinished(id, {
      UpdateExpression: "SET #state = :processing, started_at = if_not_exists(started_at, :now), attempts = :attempts REMOVE no_slot",
      ExpressionAttributeValues: { ":now": nowMs, ":attempts": attempts + 1 },
    });
  }

  /** Lets a failed task wait for a worker again, with its checkpoints and a new time limit. Does nothing if it is not failed. */
  async reopen(task: Turn, nowMs: number): Promise<void> {
    const reopened = this.#table.build<Update>({
      Key: buildKey(task.id),
      UpdateExpression:
        "SET #state = :waiting, #active = :active, asker = :asker, expires_at = :expires REMOVE #error, dead_letter, started_at, stop_by, stop_at",
      ConditionExpression: "#state = :failed",
      ExpressionAttributeNames: { "#state": "state", "#active": "active", "#error": "error" },
      ExpressionAttributeValues: {
        ":failed": "failed",
        ":waiting": "waiting",
        ":active": buildActive(task.team, task.channel),
        ":asker": buildAsker(task.team, task.user),
        ":expires": buildExpiry(nowMs),
      },
    });
    await this.transactIf([{ Update: reopened }, ...this.#threads.buildReopening(task, nowMs)], this.limit());
  }

  /** Lets a task wait for its next worker. Returns it as it is afterwards, unchanged if it has ended. Throws `NotFound`. */
  async handBack(id: string): Promise<Task> {
    return this.updateUnfinished(id, { UpdateExpression: "SET #state = :waiting" });
  }

  /** Lets a task wait until its user has a free slot. Returns it as it is afterwards, unchanged if it has ended. Throws `NotFound`. */
  async waitForSlot(id: string): Promise<Task> {
    return this.updateUnfinished(id, {
      UpdateExpression: "SET #state = :waiting, no_slot = :true",
      ExpressionAttributeValues: { ":true": true },
    });
  }

  /**
   * Keeps the output of a step, and ends the request that was heard during the step. Throws `Conflict` if that request has already ended, `LeaseLost`
   * if another worker holds the thread by now, and `TooLarge`. Then nothing is written.
   */
  async checkpoint(taskId: string, record: StepRecord, lease: Lease, nowMs: number): Promise<void> {
    const { number, label, output, heard } = record;
    const json = JSON.stringify(output);
    const bytes = Buffer.byteLength(json);
    if (bytes > MAX_OUTPUT_BYTES)
      throw new TooLarge(`The step "${label}" returned ${bytes} bytes; at most ${MAX_OUTPUT_BYTES} can be kept.`);
    const row = {
      task: taskId,
      item: buildStepItem(number),
      label,
      output: json,
      heard: heard && JSON.stringify(heard),
      at: nowMs,
      expires_at: buildExpiry(nowMs),
    } satisfies StepRow;
    const kept = { Put: this.#table.build<Put>({ Item: row }) };
    const isWritten = await this.writeUnderLease([...(heard === undefined ? [] : this.buildHearing(heard, nowMs)), kept], lease);
    if (isWritten) return;
    throw new Conflict("The request that was heard has ended meanwhile.", { context: { task: heard?.id } });
  }

  /** Builds the writes that end a request because a running task answers it, too. The first write fails if the request has already ended. */
  private buildHearing(heard: HeardTurn, nowMs: number): TransactWriteItem[] {
    const ended = this.#table.build<Update>({
      Key: buildKey(heard.id),
      UpdateExpression: "SET #state = :done, expires_at = :expires REMOVE active, asker",
      ConditionExpression: UNFINISHED,
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: { ...UNFINISHED_VALUES, ":done": "done", ":expires": buildExpiry(nowMs) },
    });
    return [{ Update: ended }, ...this.#threads.buildEnd(heard, undefined, nowMs)];
  }

  /** Keeps the conversation that a task's brain is given, unless it is kept already. Returns the kept one, so that a replay gets the same. */
  async keepConversation(id: string, conversation: Conversation, nowMs: number): Promise<Conversation> {
    const row = { ...buildConversationKey(id), conversation: JSON.stringify(conversation), expires_at: buildExpiry(nowMs) };
    const request = { Item: row, ConditionExpression: "attribute_not_exists(task)" };
    const { row: kept = row } = await this.#table.putIf<ConversationRow>(request, this.limit());
    return JSON.parse(kept.conversation) as Conversation;
  }

  /** Reads the conversation that a task's brain was given; undefined if none was kept. */
  async readConversation(id: string): Promise<Conversation | undefined> {
    const row = await this.#table.get<ConversationRow>(buildConversationKey(id), this.limit());
    return row && (JSON.parse(row.conversation) as Conversation);
  }

  /** Reads the checkpoints of a task in order, strongly consistent. */
  async readSteps(id: string): Promise<StepRecord[]> {
    const request = {
      ConsistentRead: true,
      KeyConditionExpression: "task = :task AND begins_with(#item, :step)",
      ExpressionAttributeNames: { "#item": "item" },
      ExpressionAttributeValues: { ":task": id, ":step": "step#" },
    };
    return this.queryAll(request, parseStep);
  }

  /**
   * Ends a task. Returns false if it has already ended. With a lease, throws `LeaseLost` if the worker no longer holds it. Without a lease,
   * ends the task of a worker that is gone.
   */
  async finish(task: Turn, { state, answer, error, isTimeUp, deadLetter }: Ending, nowMs: number, lease?: Lease): Promise<boolean> {
    const sets = { answer, "#error": error, time_up: isTimeUp, dead_letter: deadLetter };
    const given = Object.entries(sets).filter(([, value]) => value !== undefined);
    const request = {
      Key: buildKey(task.id),
      UpdateExpression: `SET #state = :state, expires_at = :expires${given
        .map(([name], index) => `, ${name} = :v${index}`)
        .join("")} REMOVE active, asker`,
      ConditionExpression: UNFINISHED,
      ExpressionAttributeNames: { "#state": "state", ...(error === undefined ? {} : { "#error": "error" }) },
      ExpressionAttributeValues: {
        ...UNFINISHED_VALUES,
        ":state": state,
        ":expires": buildExpiry(nowMs),
        ...Object.fromEntries(given.map(([, value], index) => [`:v${index}`, value])),
      },
    };
    const writes = [{ Update: this.#table.build<Update>(request) }, ...this.#threads.buildEnd(task, answer, nowMs)];
    return this.writeUnderLease(writes, lease);
  }

  /** Lists the unfinished tasks of a channel, oldest first. The index may lag by a moment. */
  async findActive(team: string, channel: string, within?: Deadline): Promise<Task[]> {
    const request = {
      IndexName: ACTIVE.name,
      KeyConditionExpression: "#active = :active",
      ExpressionAttributeNames: { "#active": "active" },
      ExpressionAttributeValues: { ":active": buildActive(team, channel) },
    };
    return this.queryAll(request, parseTask, within);
  }

  /** Lists the unfinished tasks of a person, oldest first. The index may lag by a moment. */
  async findOfUser(team: string, user: string, within?: Deadline): Promise<Task[]> {
    const request = {
      IndexName: BY_ASKER.name,
      KeyConditionExpression: "asker = :asker",
      ExpressionAttributeValues: { ":asker": buildAsker(team, user) },
    };
    return this.queryAll(request, parseTask, within);
  }

  /** Asks the task's worker to stop. Returns false if the task has ended, or somebody has asked already. */
  async requestStop(id: string, by: string, nowMs: number, within?: Deadline): Promise<boolean> {
    const { isWritten, row } = await this.#table.updateIf<TaskRow>(
      {
        Key: buildKey(id),
        UpdateExpression: "SET stop_by = :by, stop_at = :now",
        ConditionExpression: `${UNFINISHED} AND attribute_not_exists(stop_by)`,
        ExpressionAttributeNames: { "#state": "state" },
        ExpressionAttributeValues: { ...UNFINISHED_VALUES, ":by": by, ":now": nowMs },
      },
      this.limit(within),
    );
    // A retry of a write whose answer was lost finds its own request.
    return isWritten || (row?.stop_by === by && row.stop_at === nowMs);
  }

  /** Records that somebody said `stop` in a thread, for tasks that no worker has received yet. A later `stop` replaces an earlier one. */
  async recordStop(place: StopPlace, { by, atMs }: StopRequest, nowMs: number): Promise<void> {
    await this.#table.updateIf(
      {
        Key: buildStopKey(place),
        UpdateExpression: "SET stop_by = :by, stop_at = :at, expires_at = :expires",
        ConditionExpression: "attribute_not_exists(task) OR stop_at < :at",
        ExpressionAttributeValues: { ":by": by, ":at": atMs, ":expires": buildExpiry(nowMs) },
      },
      this.limit(),
    );
  }

  /** Reads the last `stop` in a thread, strongly consistent; undefined if there is none. */
  async readStop(place: StopPlace): Promise<StopRequest | undefined> {
    const row = await this.#table.get<StopRow>(buildStopKey(place), this.limit());
    return row && { by: row.stop_by, atMs: row.stop_at };
  }

  /** Keeps the `ts` of the task's card and when it was changed. A task of `/ask` becomes a turn of the thread that its card begins. */
  async keepCard(task: Turn, { ts, threadTs }: { ts: string; threadTs: string }, nowMs: number): Promise<void> {
    const kept = this.#table.build<Update>({
      Key: buildKey(task.id),
      UpdateExpression: "SET card_ts = :ts, card_at = :now, thread_ts = :thread",
      // A turn that has its thread may have ended, and must not begin again.
      ConditionExpression: `attribute_exists(task) AND ${task.threadTs === undefined ? "attribute_not_exists(thread_ts)" : "thread_ts = :thread"}`,
      ExpressionAttributeValues: { ":ts": ts, ":now": nowMs, ":thread": threadTs },
    });
    const beginning = task.threadTs === undefined ? this.#threads.buildBeginning({ ...task, threadTs }, [], nowMs) : [];
    await this.transactIf([{ Update: kept }, ...beginning], this.limit());
  }

  /** Records that the gateway is about to post the task's answer as a stream. */
  async keepStream(id: string): Promise<void> {
    await this.#table.update({
      Key: buildKey(id),
      UpdateExpression: "SET has_stream = :true",
      ExpressionAttributeValues: { ":true": true },
    });
  }

  private updateUnfinished(id: string, { ExpressionAttributeValues, ...change }: Change): Promise<Task> {
    return this.updateIf(UNFINISHED, id, { ...change, ExpressionAttributeValues: { ...UNFINISHED_VALUES, ...ExpressionAttributeValues } });
  }

  /** Updates a task if the condition holds. Returns the task as it is afterwards. Throws `NotFound`. */
  private async updateIf(condition: string, id: string, { ExpressionAttributeNames, ...change }: Change): Promise<Task> {
    const request: ConditionalRequest<UpdateItemCommandInput> = {
      Key: buildKey(id),
      ...change,
      ConditionExpression: condition,
      ExpressionAttributeNames: { "#state": "state", ...ExpressionAttributeNames },
      ReturnValues: "ALL_NEW",
    };
    const { row } = await this.#table.updateIf<TaskRow>(request, this.limit());
    if (row === undefined) throw new NotFound("There is no such task.", { context: { task: id } });
    return parseTask(row);
  }

  /** Writes while the lease is held, or without a lease. Returns false if the first write's own condition fails. Throws `LeaseLost`. */
  private async writeUnderLease(writes: readonly TransactWriteItem[], lease?: Lease): Promise<boolean> {
    const checks = lease === undefined ? [] : [this.buildCheck(lease)];
    const failed = await this.transactIf([...checks, ...writes], this.limit());
    if (lease !== undefined && failed[0]?.Code === FAILED)
      throw new LeaseLost("Another worker holds the thread's lease by now.", { context: { thread: lease.thread } });
    return failed[checks.length]?.Code !== FAILED;
  }

  private buildCheck({ thread, leaseId }: Lease): TransactWriteItem {
    const check = this.#table.build<ConditionCheck>({
      Key: buildLeaseKey(thread),
      ConditionExpression: "lease_id = :lease",
      ExpressionAttributeValues: { ":lease": leaseId },
    });
    return { ConditionCheck: check };
  }

  /** Writes all or nothing. Returns the reasons, one a write, if a condition fails. */
  private async transactIf(TransactItems: TransactWriteItem[], deadline: Deadline): Promise<CancellationReason[]> {
    // All attempts share one token, so that a transaction whose answer was lost is not applied twice.
    const command = new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: randomUUID() });
    try {
      await retryUntil(deadline, () => this.#table.client.send(command, { abortSignal: deadline.signal() }));
      return [];
    } catch (cause) {
      const reasons = cause instanceof TransactionCanceledException ? (cause.CancellationReasons ?? []) : [];
      if (reasons.some(({ Code }) => Code === FAILED)) return reasons;
      throw cause;
    }
  }

  private async queryAll<R, T>(request: Request<QueryCommandInput>, parse: (row: R) => T, within?: Deadline): Promise<T[]> {
    const found: T[] = [];
    for await (const row of this.#table.queryAll<R>(request, this.limit(within))) found.push(parse(row));
    return found;
  }

  private limit(within?: Deadline): Deadline {
    return new Deadline(Math.min(this.budgetMs, within?.leftMs ?? this.budgetMs));
  }
}

/** Creates the store and its client. Calls give up sooner on the ack path. */
const createTasksTable = (table: string, patience: "ack" | "background" = "background"): TasksTable =>
  new TasksTable(createDynamoDB(patience), table, patience === "ack" ? ACK_BUDGET_MS : PATIENT_BUDGET_MS);

export type { Ending, StopPlace };
export { createTasksTable, MAX_OUTPUT_BYTES, TasksTable };
