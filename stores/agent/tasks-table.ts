/** The table `agent-tasks`: each task, and the checkpoints of its steps. */
import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { EndState, Json, StepRecord, Task, TaskState } from "#core/agent/task";
import type { TaskRequest } from "#core/agent/task-request";
import { Deadline } from "#core/deadline";
import { LeaseLost, NotFound, TooLarge } from "#core/errors";
import { buildLeaseKey, type Lease } from "#stores/agent/thread-leases";
import { createDynamoDB } from "#stores/aws-clients";
import { retryUntil } from "#stores/retry";

type Item = Record<string, AttributeValue>;

/** How a task ended: with its answer, or with the sentence that says why not. */
interface Ending {
  state: EndState;
  answer?: string;
  error?: string;
  /** There is no use in a further try: its time is over. */
  isTimeUp?: true;
  /** The message that becomes its dead letter; empty for none. */
  deadLetter?: string;
}

/** Where somebody said `stop`: a thread of a channel. */
type StopPlace = Pick<Task, "team" | "channel"> & { threadTs: string };

/** The word as it was said: by whom, and when. */
interface StopWord {
  by: string;
  atMs: number;
}

type Change = Pick<UpdateItemCommandInput, "UpdateExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues">;

/** How long a task is kept: its message lives 4 days in the queue and once 14 more among the dead letters. */
const KEPT_DAYS = 30;
const DAY_SECONDS = 86_400;
/** A DynamoDB item holds 409,600 bytes; this leaves room for the label and the names. */
const MAX_OUTPUT_BYTES = 300 * 1024;
const PATIENT_BUDGET_MS = 10_000;
/** A door has 2.5 s for all it does. */
const ACK_BUDGET_MS = 1000;

const UNFINISHED = "#state IN (:waiting, :processing)";
const UNFINISHED_VALUES: Item = { ":waiting": { S: "waiting" }, ":processing": { S: "processing" } };

const buildKey = (id: string): Item => ({ task: { S: id }, item: { S: "task" } });
const buildStopKey = ({ team, channel, threadTs }: StopPlace): Item => ({
  task: { S: `thread#${team}#${channel}#${threadTs}` },
  item: { S: "stop" },
});
const buildActive = (team: string, channel: string): AttributeValue => ({ S: `${team}#${channel}` });
const buildExpiry = (nowMs: number): AttributeValue => ({ N: String(Math.ceil(nowMs / 1000) + KEPT_DAYS * DAY_SECONDS) });
const buildNumber = (value: number): AttributeValue => ({ N: String(value) });
const buildStepItem = (number: number): string => `step#${String(number).padStart(4, "0")}`;

const readNumber = (value: AttributeValue | undefined): number | undefined => (value?.N === undefined ? undefined : Number(value.N));

/** Leaves out what is undefined, so that a task without an answer has none. */
const dropUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;

const parseTask = (item: Item): Task =>
  dropUndefined({
    id: item["task"]?.S ?? "",
    state: (item["state"]?.S ?? "waiting") as TaskState,
    team: item["team"]?.S ?? "",
    channel: item["channel"]?.S ?? "",
    user: item["user"]?.S ?? "",
    text: item["text"]?.S ?? "",
    threadTs: item["thread_ts"]?.S,
    createdAtMs: readNumber(item["created_at"]) ?? 0,
    startedAtMs: readNumber(item["started_at"]),
    attempts: readNumber(item["attempts"]) ?? 0,
    stopBy: item["stop_by"]?.S,
    hasNoSlot: item["no_slot"]?.BOOL,
    cardTs: item["card_ts"]?.S,
    answer: item["answer"]?.S,
    error: item["error"]?.S,
    isTimeUp: item["time_up"]?.BOOL,
    deadLetter: item["dead_letter"]?.S,
  });

const parseStep = (item: Item): StepRecord => ({
  number: Number(item["item"]?.S?.slice("step#".length)),
  label: item["label"]?.S ?? "",
  output: JSON.parse(item["output"]?.S ?? "null") as Json,
});

class TasksTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly activeIndex: string,
    private readonly budgetMs = PATIENT_BUDGET_MS,
  ) {}

  /** Puts a task that waits for a worker; one that there is already comes back as it stands. A door names what is left of its time. */
  async accept(request: Omit<TaskRequest, "messageId">, nowMs: number, within?: Deadline): Promise<Task> {
    const { id, team, channel, user, text, threadTs, createdAtMs } = request;
    const item: Item = {
      ...buildKey(id),
      state: { S: "waiting" },
      team: { S: team },
      channel: { S: channel },
      user: { S: user },
      text: { S: text },
      ...(threadTs === undefined ? {} : { thread_ts: { S: threadTs } }),
      created_at: buildNumber(createdAtMs),
      attempts: buildNumber(0),
      active: buildActive(team, channel),
      expires_at: buildExpiry(nowMs),
    };
    const command = new PutItemCommand({
      TableName: this.table,
      Item: item,
      ConditionExpression: "attribute_not_exists(task)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      await this.retry(abortSignal => this.client.send(command, { abortSignal }), within);
      return parseTask(item);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
      return parseTask(error.Item);
    }
  }

  /** Reads a task, strongly consistent; undefined when there is none. */
  async read(id: string, within?: Deadline): Promise<Task | undefined> {
    const command = new GetItemCommand({ TableName: this.table, Key: buildKey(id), ConsistentRead: true });
    const { Item } = await this.retry(abortSignal => this.client.send(command, { abortSignal }), within);
    return Item && parseTask(Item);
  }

  /** Begins a task, or goes on with it. Returns it as it stands then, or as it ended. Throws `NotFound`. */
  async begin({ id, attempts }: Pick<Task, "id" | "attempts">, nowMs: number): Promise<Task> {
    // The number is set rather than added to, so that a write whose answer was lost can be repeated.
    return this.updateUnfinished(id, {
      UpdateExpression: "SET #state = :processing, started_at = if_not_exists(started_at, :now), attempts = :attempts REMOVE no_slot",
      ExpressionAttributeValues: { ":now": buildNumber(nowMs), ":attempts": buildNumber(attempts + 1) },
    });
  }

  /** Lets a failed task wait for a worker again, with all of its checkpoints and a new span of time. Returns it as it stands then. */
  async reopen({ id, team, channel }: Pick<Task, "id" | "team" | "channel">, nowMs: number): Promise<Task> {
    return this.updateIf("#state = :failed", id, {
      UpdateExpression:
        "SET #state = :waiting, #active = :active, expires_at = :expires REMOVE #error, dead_letter, started_at, stop_by, stop_at",
      ExpressionAttributeNames: { "#active": "active", "#error": "error" },
      ExpressionAttributeValues: {
        ":failed": { S: "failed" },
        ":waiting": { S: "waiting" },
        ":active": buildActive(team, channel),
        ":expires": buildExpiry(nowMs),
      },
    });
  }

  /** Lets a task wait for its next worker. Returns it as it stands then, or as it ended. Throws `NotFound`. */
  async handBack(id: string): Promise<Task> {
    return this.updateUnfinished(id, { UpdateExpression: "SET #state = :waiting" });
  }

  /** Lets a task wait until its person has fewer tasks at work. Returns it as it stands then, or as it ended. Throws `NotFound`. */
  async waitForSlot(id: string): Promise<Task> {
    return this.updateUnfinished(id, {
      UpdateExpression: "SET #state = :waiting, no_slot = :true",
      ExpressionAttributeValues: { ":true": { BOOL: true } },
    });
  }

  /** Keeps what came of a step. Throws `LeaseLost` and writes nothing when the thread is another worker's by now; throws `TooLarge`. */
  async checkpoint(taskId: string, number: number, { label, output }: Pick<StepRecord, "label" | "output">, lease: Lease, nowMs: number) {
    const json = JSON.stringify(output);
    const bytes = Buffer.byteLength(json);
    if (bytes > MAX_OUTPUT_BYTES)
      throw new TooLarge(`The step "${label}" returned ${bytes} bytes; at most ${MAX_OUTPUT_BYTES} can be kept.`);
    const item: Item = {
      task: { S: taskId },
      item: { S: buildStepItem(number) },
      label: { S: label },
      output: { S: json },
      at: buildNumber(nowMs),
      expires_at: buildExpiry(nowMs),
    };
    await this.writeUnderLease(lease, { Put: { TableName: this.table, Item: item } });
  }

  /** Reads the checkpoints of a task in their order, strongly consistent. */
  async readSteps(id: string): Promise<StepRecord[]> {
    return this.queryAll(
      {
        TableName: this.table,
        ConsistentRead: true,
        KeyConditionExpression: "task = :task AND begins_with(#item, :step)",
        ExpressionAttributeNames: { "#item": "item" },
        ExpressionAttributeValues: { ":task": { S: id }, ":step": { S: "step#" } },
      },
      parseStep,
    );
  }

  /**
   * Ends a task for good. False when it had ended before. A worker names its lease, and throws `LeaseLost` when that is another's; without
   * a lease ends it as it stands, for one whose worker was lost.
   */
  async finish(id: string, { state, answer, error, isTimeUp, deadLetter }: Ending, nowMs: number, lease?: Lease): Promise<boolean> {
    const update = {
      TableName: this.table,
      Key: buildKey(id),
      UpdateExpression: `SET #state = :state, expires_at = :expires${answer === undefined ? "" : ", answer = :answer"}${
        error === undefined ? "" : ", #error = :error"
      }${isTimeUp ? ", time_up = :time_up" : ""}${deadLetter === undefined ? "" : ", dead_letter = :dead_letter"} REMOVE active`,
      ConditionExpression: UNFINISHED,
      ExpressionAttributeNames: { "#state": "state", ...(error === undefined ? {} : { "#error": "error" }) },
      ExpressionAttributeValues: {
        ...UNFINISHED_VALUES,
        ":state": { S: state },
        ":expires": buildExpiry(nowMs),
        ...(answer === undefined ? {} : { ":answer": { S: answer } }),
        ...(error === undefined ? {} : { ":error": { S: error } }),
        ...(isTimeUp ? { ":time_up": { BOOL: true } } : {}),
        ...(deadLetter === undefined ? {} : { ":dead_letter": { S: deadLetter } }),
      },
    };
    if (lease !== undefined) return this.writeUnderLease(lease, { Update: update });
    try {
      await this.retry(abortSignal => this.client.send(new UpdateItemCommand(update), { abortSignal }));
      return true;
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return false;
      throw cause;
    }
  }

  /** Lists the unfinished tasks of a channel, the oldest first; the index may be a moment behind. */
  async findActive(team: string, channel: string, within?: Deadline): Promise<Task[]> {
    return this.queryAll(
      {
        TableName: this.table,
        IndexName: this.activeIndex,
        KeyConditionExpression: "#active = :active",
        ExpressionAttributeNames: { "#active": "active" },
        ExpressionAttributeValues: { ":active": buildActive(team, channel) },
      },
      parseTask,
      within,
    );
  }

  /** Asks the task's worker to stop. False when it has ended, or has been asked already. */
  async requestStop(id: string, by: string, nowMs: number, within?: Deadline): Promise<boolean> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: buildKey(id),
      UpdateExpression: "SET stop_by = :by, stop_at = :now",
      ConditionExpression: `${UNFINISHED} AND attribute_not_exists(stop_by)`,
      ExpressionAttributeNames: { "#state": "state" },
      ExpressionAttributeValues: { ...UNFINISHED_VALUES, ":by": { S: by }, ":now": buildNumber(nowMs) },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      await this.retry(abortSignal => this.client.send(command, { abortSignal }), within);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // A write whose answer was lost meets itself.
      return error.Item?.["stop_by"]?.S === by && readNumber(error.Item["stop_at"]) === nowMs;
    }
  }

  /** Notes that `stop` was said in a thread, for tasks that no worker has come to; a later word takes the place of an earlier one. */
  async noteStop(place: StopPlace, { by, atMs }: StopWord, nowMs: number): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: buildStopKey(place),
      UpdateExpression: "SET stop_by = :by, stop_at = :at, expires_at = :expires",
      ConditionExpression: "attribute_not_exists(task) OR stop_at < :at",
      ExpressionAttributeValues: { ":by": { S: by }, ":at": buildNumber(atMs), ":expires": buildExpiry(nowMs) },
    });
    try {
      await this.retry(abortSignal => this.client.send(command, { abortSignal }));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  /** Reads the last `stop` that was said in a thread, strongly consistent; undefined when there was none. */
  async readStop(place: StopPlace): Promise<StopWord | undefined> {
    const command = new GetItemCommand({ TableName: this.table, Key: buildStopKey(place), ConsistentRead: true });
    const { Item } = await this.retry(abortSignal => this.client.send(command, { abortSignal }));
    return Item && { by: Item["stop_by"]?.S ?? "", atMs: readNumber(Item["stop_at"]) ?? 0 };
  }

  /** Keeps where the task's card is and when it was last changed, and pins a task without a thread to the card's. */
  async keepCard(id: string, { ts, threadTs }: { ts: string; threadTs: string }, nowMs: number): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: buildKey(id),
      UpdateExpression: "SET card_ts = :ts, card_at = :now, thread_ts = if_not_exists(thread_ts, :thread)",
      ConditionExpression: "attribute_exists(task)",
      ExpressionAttributeValues: { ":ts": { S: ts }, ":now": buildNumber(nowMs), ":thread": { S: threadTs } },
    });
    await this.retry(abortSignal => this.client.send(command, { abortSignal }));
  }

  private updateUnfinished(id: string, { ExpressionAttributeValues, ...change }: Change): Promise<Task> {
    return this.updateIf(UNFINISHED, id, { ...change, ExpressionAttributeValues: { ...UNFINISHED_VALUES, ...ExpressionAttributeValues } });
  }

  /** Changes a task where a condition holds. Returns it as it stands then, or as it stands where the condition does not hold. */
  private async updateIf(condition: string, id: string, { ExpressionAttributeNames, ...change }: Change): Promise<Task> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: buildKey(id),
      ...change,
      ConditionExpression: condition,
      ExpressionAttributeNames: { "#state": "state", ...ExpressionAttributeNames },
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      const { Attributes = {} } = await this.retry(abortSignal => this.client.send(command, { abortSignal }));
      return parseTask(Attributes);
    } catch (cause) {
      if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
      if (cause.Item === undefined) throw new NotFound("There is no such task.", { cause, context: { task: id } });
      return parseTask(cause.Item);
    }
  }

  /** Writes while the lease is held. False when the write's own condition stands against it. Throws `LeaseLost`. */
  private async writeUnderLease(
    { thread, leaseId }: Lease,
    write: NonNullable<TransactWriteItemsCommandInput["TransactItems"]>[number],
  ): Promise<boolean> {
    const check = {
      TableName: this.table,
      Key: buildLeaseKey(thread),
      ConditionExpression: "lease_id = :lease",
      ExpressionAttributeValues: { ":lease": { S: leaseId } },
    };
    // One token for all attempts: a transaction whose answer was lost is not done again.
    const command = new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck: check }, write], ClientRequestToken: randomUUID() });
    try {
      await this.retry(abortSignal => this.client.send(command, { abortSignal }));
      return true;
    } catch (cause) {
      if (!(cause instanceof TransactionCanceledException)) throw cause;
      const [held, written] = cause.CancellationReasons ?? [];
      if (held?.Code === "ConditionalCheckFailed")
        throw new LeaseLost("The thread's lease is another worker's by now.", { cause, context: { thread } });
      if (written?.Code === "ConditionalCheckFailed") return false;
      throw cause;
    }
  }

  private async queryAll<T>(
    input: ConstructorParameters<typeof QueryCommand>[0],
    parse: (item: Item) => T,
    within?: Deadline,
  ): Promise<T[]> {
    const found: T[] = [];
    let next: Item | undefined;
    do {
      const command = new QueryCommand({ ...input, ExclusiveStartKey: next });
      const page: QueryCommandOutput = await this.retry(abortSignal => this.client.send(command, { abortSignal }), within);
      found.push(...(page.Items ?? []).map(parse));
      next = page.LastEvaluatedKey;
    } while (next !== undefined);
    return found;
  }

  private retry<T>(send: (abortSignal: AbortSignal) => Promise<T>, within?: Deadline): Promise<T> {
    const deadline = new Deadline(Math.min(this.budgetMs, within?.leftMs ?? this.budgetMs));
    return retryUntil(deadline, () => send(deadline.signal()));
  }
}

/** Creates the store and its client: patient in the background, quick where Slack waits for an ack. */
const createTasksTable = (table: string, activeIndex: string, patience: "ack" | "background" = "background"): TasksTable =>
  new TasksTable(createDynamoDB(patience), table, activeIndex, patience === "ack" ? ACK_BUDGET_MS : PATIENT_BUDGET_MS);

export type { Ending };
export { createTasksTable, MAX_OUTPUT_BYTES, TasksTable };
