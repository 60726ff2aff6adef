/**
 * The threads with an agent, in the table `agent-tasks`: the turns that have not ended, what was said, and the changes that Slack's agent
 * sessions may not show yet.
 */
import { type DynamoDBClient, type Put, type TransactWriteItem, TransactWriteItemsCommand, type Update } from "@aws-sdk/client-dynamodb";
import type { Task } from "#core/agent/task";
import { cleanText } from "#core/agent/task-request";
import { buildPlaceKey, buildTitle, buildTurnKey, placeOf, type Said, type Thread, type ThreadPlace, tsOf } from "#core/agent/thread";
import { Deadline } from "#core/deadline";
import type { MessageFile } from "#core/message/message";
import { DELETED, type MessageVersion } from "#core/message/version";
import { createDynamoDB } from "#stores/aws-clients";
import { retryUntil } from "#stores/retry";
import { Table } from "#stores/table";

/** A task, as far as its thread is concerned. */
type Turn = Pick<Task, "id" | "team" | "channel" | "user" | "text" | "threadTs">;

interface ThreadRow {
  asker?: string;
  title?: string;
  pending?: Set<string>;
  queued?: Set<string>;
  suspended?: Set<string>;
}

interface SaidRow {
  task: string;
  /** `said#TS` */
  item: string;
  user?: string;
  text?: string;
  /** JSON */
  files?: string;
  /** The version of the latest edit or deletion, if there was one. */
  version?: string;
  /** The text after the latest edit. */
  edited?: string;
  /** The id of the turn that it started. */
  turn?: string | undefined;
  answer?: string;
  expires_at: number;
}

/** A later version of what a person said. */
interface Revision extends Pick<MessageVersion, "ts" | "order"> {
  /** Absent from a deletion. */
  text?: string | undefined;
}

/** A change of a thread that Slack's session may not show yet. */
interface DueSession {
  /** Sort key of its row. */
  item: string;
  /** The task whose thread has changed. */
  turn: string;
  /** Epoch milliseconds. */
  atMs: number;
}

/** As long as tasks are kept. */
const KEPT_SECONDS = 30 * 86_400;
const CALL_BUDGET_MS = 10_000;
/** The partition of all due sessions. */
const DUE = "sessions-due";
/** More than a conversation has room for. */
const MAX_SAID = 200;

const buildSessionKey = (place: ThreadPlace) => ({ task: buildPlaceKey(place), item: "session" });
const buildSaidKey = (place: ThreadPlace, ts: string) => ({ task: buildPlaceKey(place), item: `said#${ts}` });
const buildExpiry = (nowMs: number): number => Math.ceil(nowMs / 1000) + KEPT_SECONDS;

class ThreadsTable {
  readonly #table: Table;

  constructor(
    client: DynamoDBClient,
    table: string,
    private readonly budgetMs = CALL_BUDGET_MS,
  ) {
    this.#table = new Table(client, table);
  }

  /** Reads a thread, strongly consistent; undefined if no turn has begun in it. */
  async read(place: ThreadPlace, within?: Deadline): Promise<Thread | undefined> {
    const row = await this.#table.get<ThreadRow>(buildSessionKey(place), this.limit(within));
    if (row?.asker === undefined) return undefined;
    const { asker, title = "", pending = [], queued = [], suspended = [] } = row;
    return { asker, title, pending: [...pending], queued: [...queued], suspended: [...suspended] };
  }

  /** Stores what a person said. Does nothing if it is already stored, or was deleted. */
  async keepSaid(place: ThreadPlace, said: Said, nowMs: number): Promise<void> {
    const { UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues } = describeSaid(said, nowMs);
    const request = {
      Key: buildSaidKey(place, said.ts),
      UpdateExpression,
      ConditionExpression: "attribute_not_exists(#text) AND (attribute_not_exists(version) OR version <> :deleted)",
      ExpressionAttributeNames,
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ":deleted": DELETED },
    };
    await this.#table.updateIf(request, this.limit());
  }

  /** Applies an edit, or removes the text of a deleted message; the agent's answer to it stays. Ignores versions older than the stored one. */
  async reviseSaid(place: ThreadPlace, { ts, order, text = "" }: Revision, nowMs: number): Promise<void> {
    const change = order === DELETED ? DELETION : buildEdit(text);
    const request = {
      ...change,
      Key: buildSaidKey(place, ts),
      UpdateExpression: `SET version = :version, expires_at = :expires${change.UpdateExpression}`,
      ConditionExpression: "attribute_not_exists(version) OR version < :version",
      ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ":version": order, ":expires": buildExpiry(nowMs) },
    };
    await this.#table.updateIf(request, this.limit());
  }

  /** Lists what was said in a thread, oldest first, without what was said before the latest 200 messages. */
  async listSaid(place: ThreadPlace, within?: Deadline): Promise<Said[]> {
    const rows = await this.#table.query<SaidRow>(
      {
        ConsistentRead: true,
        KeyConditionExpression: "task = :thread AND begins_with(#item, :said)",
        ExpressionAttributeNames: { "#item": "item" },
        ExpressionAttributeValues: { ":thread": buildPlaceKey(place), ":said": "said#" },
        ScanIndexForward: false,
        Limit: MAX_SAID,
      },
      this.limit(within),
    );
    return rows.filter(isKept).map(parseSaid).reverse();
  }

  /** Lets a turn wait behind the one that is at work in its thread. */
  async queue(task: Turn, nowMs: number): Promise<void> {
    await this.changeSet(task, "ADD queued :turn", nowMs);
  }

  /** Takes a turn out of the queue of its thread. */
  async unqueue(task: Turn, nowMs: number): Promise<void> {
    await this.changeSet(task, "DELETE queued :turn", nowMs);
  }

  /** Records whether a turn waits for a person's approval. */
  async suspend(task: Turn, isSuspended: boolean, nowMs: number): Promise<void> {
    const place = placeOf(task);
    if (place === undefined) return;
    const change = isSuspended ? "ADD suspended :turn" : "DELETE suspended :turn";
    await this.transact([this.buildChange(place, task, change, nowMs), this.buildDue(task, nowMs)]);
  }

  /** Records that Slack's session may differ from the thread, until `removeDue`. */
  async putDue({ item, turn, atMs }: DueSession): Promise<void> {
    await this.#table.put({ task: DUE, item, turn, at: atMs, expires_at: buildExpiry(atMs) }, this.limit());
  }

  /** Reads the row that the latest change of a task's thread has left. */
  async readDue(task: Turn): Promise<DueSession | undefined> {
    const row = await this.#table.get<{ at: number }>({ task: DUE, item: task.id }, this.limit());
    return row && { item: task.id, turn: task.id, atMs: row.at };
  }

  /** Removes a row, unless a later change has replaced it. */
  async removeDue({ item, atMs }: DueSession): Promise<void> {
    const request = { Key: { task: DUE, item }, ConditionExpression: "#at = :at" };
    const names = { ExpressionAttributeNames: { "#at": "at" }, ExpressionAttributeValues: { ":at": atMs } };
    await this.#table.deleteIf({ ...request, ...names }, this.limit());
  }

  /** Lists the changes before a time that Slack's sessions may not show. Reads one page. */
  async listDue(beforeMs: number): Promise<DueSession[]> {
    const rows = await this.#table.query<{ item: string; turn: string; at: number }>(
      {
        ConsistentRead: true,
        KeyConditionExpression: "task = :due",
        FilterExpression: "#at < :before",
        ExpressionAttributeNames: { "#at": "at" },
        ExpressionAttributeValues: { ":due": DUE, ":before": beforeMs },
      },
      this.limit(),
    );
    return rows.map(({ item, turn, at }) => ({ item, turn, atMs: at }));
  }

  /** Builds the writes that begin a turn: the thread has it, and what it asks for is said. */
  buildBeginning(task: Turn, files: readonly MessageFile[], nowMs: number): TransactWriteItem[] {
    const place = placeOf(task);
    if (place === undefined) return [];
    const expiresAt = buildExpiry(nowMs);
    const said = describeSaid({ user: task.user, text: task.text, files }, nowMs);
    const asked = this.#table.build<Update>({
      ...said,
      Key: buildSaidKey(place, tsOf(task)),
      UpdateExpression: `${said.UpdateExpression}, turn = :turn`,
      ExpressionAttributeValues: { ...said.ExpressionAttributeValues, ":turn": task.id },
    });
    const opened = this.#table.build<Update>({
      Key: buildSessionKey(place),
      UpdateExpression:
        "SET asker = if_not_exists(asker, :user), title = if_not_exists(title, :title), expires_at = :expires ADD pending :turn",
      ExpressionAttributeValues: {
        ":user": task.user,
        ":title": buildTitle(task.text),
        ":expires": expiresAt,
        ":turn": new Set([buildTurnKey(task)]),
      },
    });
    return [{ Update: opened }, { Update: asked }, this.buildDue(task, nowMs)];
  }

  /** Builds the write that makes an ended turn pending again. */
  buildReopening(task: Turn, nowMs: number): TransactWriteItem[] {
    const place = placeOf(task);
    return place === undefined ? [] : [this.buildChange(place, task, "ADD pending :turn", nowMs), this.buildDue(task, nowMs)];
  }

  /** Builds the writes that end a turn: the thread no longer has it, and its answer is said. */
  buildEnd(task: Turn, answer: string | undefined, nowMs: number): TransactWriteItem[] {
    const place = placeOf(task);
    if (place === undefined) return [];
    const ended = this.buildChange(place, task, "DELETE pending :turn, queued :turn, suspended :turn", nowMs);
    if (answer === undefined) return [ended, this.buildDue(task, nowMs)];
    const answered = this.#table.build<Update>({
      Key: buildSaidKey(place, tsOf(task)),
      UpdateExpression: "SET answer = :answer, turn = :turn, expires_at = :expires",
      ExpressionAttributeValues: { ":answer": answer, ":turn": task.id, ":expires": buildExpiry(nowMs) },
    });
    return [ended, this.buildDue(task, nowMs), { Update: answered }];
  }

  /** Builds the write that records that the thread of a task has changed. */
  private buildDue(task: Turn, nowMs: number): TransactWriteItem {
    const row = { task: DUE, item: task.id, turn: task.id, at: nowMs, expires_at: buildExpiry(nowMs) };
    return { Put: this.#table.build<Put>({ Item: row }) };
  }

  private buildChange(place: ThreadPlace, task: Turn, change: string, nowMs: number): TransactWriteItem {
    return { Update: this.#table.build<Update>({ Key: buildSessionKey(place), ...describeChange(task, change, nowMs) }) };
  }

  private async changeSet(task: Turn, change: string, nowMs: number): Promise<void> {
    const place = placeOf(task);
    if (place !== undefined)
      await this.#table.update({ Key: buildSessionKey(place), ...describeChange(task, change, nowMs) }, this.limit());
  }

  private async transact(TransactItems: TransactWriteItem[]): Promise<void> {
    const deadline = this.limit();
    const command = new TransactWriteItemsCommand({ TransactItems });
    await retryUntil(deadline, () => this.#table.client.send(command, { abortSignal: deadline.signal() }));
  }

  private limit(within?: Deadline): Deadline {
    return new Deadline(Math.min(this.budgetMs, within?.leftMs ?? this.budgetMs));
  }
}

const describeChange = (task: Turn, change: string, nowMs: number) => ({
  UpdateExpression: `SET expires_at = :expires ${change}`,
  ExpressionAttributeValues: { ":expires": buildExpiry(nowMs), ":turn": new Set([buildTurnKey(task)]) },
});

const describeSaid = ({ user, text, files }: Pick<Said, "user" | "text" | "files">, nowMs: number) => ({
  UpdateExpression: "SET #user = :user, #text = :text, files = :files, expires_at = :expires",
  ExpressionAttributeNames: { "#user": "user", "#text": "text" },
  ExpressionAttributeValues: { ":user": user, ":text": text, ":files": JSON.stringify(files), ":expires": buildExpiry(nowMs) },
});

const DELETION = {
  UpdateExpression: " REMOVE #text, edited, files",
  ExpressionAttributeNames: { "#text": "text" },
  ExpressionAttributeValues: {},
};

/** The edit may come before the message. */
const buildEdit = (text: string) => ({
  UpdateExpression: ", edited = :edited",
  ExpressionAttributeValues: { ":edited": text },
});

/** Tells whether the message itself has come, or its answer, and not only its edit or deletion. */
const isKept = ({ user, turn }: SaidRow): boolean => (user ?? turn) !== undefined;

/** A turn keeps the text without the mention of the bot. */
const readText = ({ text = "", edited, turn }: SaidRow): string =>
  edited === undefined ? text : turn === undefined ? edited : cleanText(edited);

const parseSaid = ({ item, user = "", files = "[]", turn, answer, version, ...row }: SaidRow): Said => ({
  ts: item.slice("said#".length),
  user,
  ...(version === DELETED
    ? { text: "", files: [], isDeleted: true }
    : { text: readText({ item, turn, ...row }), files: JSON.parse(files) as MessageFile[] }),
  ...(turn === undefined ? {} : { task: turn }),
  ...(answer === undefined ? {} : { answer }),
});

const createThreadsTable = (table: string): ThreadsTable => new ThreadsTable(createDynamoDB("background"), table);

export type { DueSession, Turn };
export { createThreadsTable, ThreadsTable };
