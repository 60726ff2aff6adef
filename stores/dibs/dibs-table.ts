/** The table `dibs`: one row per queue, the only row that a claim, a release or a timer writes; and one row of settings per team. */

import { randomUUID } from "node:crypto";
import {
  type DynamoDBClient,
  type Put,
  type PutItemCommandInput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { foldName } from "#core/dibs/name";
import {
  type AppliedChange,
  type Claim,
  computeDueMs,
  type FormerName,
  keysOf,
  MAX_CLAIMS,
  type OutboxEntry,
  type Queue,
  takenKeys,
} from "#core/dibs/queue";
import { DUE } from "#core/dibs/tables";
import { retryUntil } from "#stores/retry";
import { type ConditionalRequest, Table } from "#stores/table";

interface QueueKey {
  team: string;
  name: string;
}

/** How a blind write ended: with the new version of the queue, or with the queue that failed its condition. */
type Written = { queue: Queue } | { refused: Queue | undefined };

/** The row of a queue. Lists and the outbox hold JSON. A queue that was joined but never put has the first few attributes only. */
interface QueueRow {
  team: string;
  name: string;
  shown_as?: string;
  version: number;
  claims?: string[];
  beats?: Record<string, number>;
  /** Repeats the keys of the claims, for conditions. */
  keys?: Set<string>;
  /** `due` and `due_at` are the key of the index; a queue without them needs no attention. */
  due?: "yes";
  due_at?: number;
  writer?: string;
  passed?: number;
  ended?: string[];
  outbox?: Record<string, string>;
  watchers?: string[];
  applied?: string[];
  removed?: boolean;
  renamed_to?: string;
  former_names?: string[];
}

/** Key of the row of settings. No queue can have this name. */
const SETTINGS = "#settings";

const buildKey = ({ team, name }: QueueKey) => ({ team, name });

const buildJsonList = (values: readonly unknown[]): string[] => values.map(value => JSON.stringify(value));

const parseJsonList = <T>(list: readonly string[] = []): T[] => list.map(json => JSON.parse(json) as T);

const mapValues = <From, To>(map: Record<string, From>, change: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));

/** Builds the row of a queue under the key `row`. `keys` and `due` repeat what the rest says, for conditions and the index. */
const buildRow = (queue: Queue, row: QueueKey, writer: string): QueueRow => {
  const keys = takenKeys(queue);
  const dueAtMs = computeDueMs(queue);
  return {
    ...buildKey(row),
    ...(queue.name === row.name ? {} : { shown_as: queue.name }),
    version: queue.version,
    writer,
    passed: queue.passed,
    claims: buildJsonList(queue.claims),
    beats: queue.beats,
    ended: buildJsonList(queue.ended),
    outbox: mapValues(queue.outbox, entry => JSON.stringify(entry)),
    watchers: buildJsonList(queue.watchers),
    applied: buildJsonList(queue.applied),
    ...(keys.length === 0 ? {} : { keys: new Set(keys) }),
    ...(dueAtMs === undefined ? {} : { due: "yes", due_at: dueAtMs }),
    ...(queue.isRemoved ? { removed: true } : {}),
    renamed_to: queue.renamedTo,
    former_names: queue.formerNames && buildJsonList(queue.formerNames),
  };
};

const parseQueue = (row: QueueRow): Queue => ({
  team: row.team,
  name: row.shown_as ?? row.name,
  version: row.version,
  passed: row.passed ?? 0,
  claims: parseJsonList<Claim>(row.claims),
  beats: row.beats ?? {},
  ended: parseJsonList(row.ended),
  outbox: mapValues(row.outbox ?? {}, json => JSON.parse(json) as OutboxEntry),
  watchers: parseJsonList(row.watchers),
  applied: parseJsonList<AppliedChange>(row.applied),
  ...(row.removed ? { isRemoved: true } : {}),
  ...(row.renamed_to === undefined ? {} : { renamedTo: row.renamed_to }),
  ...(row.former_names === undefined ? {} : { formerNames: parseJsonList<FormerName>(row.former_names) }),
  ...(row.due_at === undefined ? {} : { dueAtMs: row.due_at }),
});

class DibsTable {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Reads a queue, strongly consistent; undefined if nobody has ever claimed it. */
  async get(key: QueueKey, deadline: Deadline): Promise<Queue | undefined> {
    const row = await this.read(await this.locate(key, deadline), deadline);
    return row && parseQueue(row);
  }

  /**
   * Finds the row of a name. Rows are keyed by the folded name, so that all spellings share one row. A row that was created before names
   * were folded keeps its spelling, and takes precedence. Only a name that folding changes costs a read.
   */
  async locate({ team, name }: QueueKey, deadline: Deadline): Promise<QueueKey> {
    const folded = { team, name: foldName(name) };
    if (folded.name === name) return folded;
    return (await this.read({ team, name }, deadline)) === undefined ? folded : { team, name };
  }

  /** Tells whether people of a team may claim only what an admin has added. */
  async isApproveOnly(team: string, deadline: Deadline): Promise<boolean> {
    const settings = await this.#table.get<{ approve_only: boolean }>(buildKey({ team, name: SETTINGS }), deadline);
    return settings?.approve_only ?? false;
  }

  async setApproveOnly(team: string, approveOnly: boolean, deadline: Deadline): Promise<void> {
    const request = {
      Key: buildKey({ team, name: SETTINGS }),
      UpdateExpression: "SET approve_only = :on",
      ExpressionAttributeValues: { ":on": approveOnly },
    };
    await this.#table.update(request, deadline);
  }

  /** Lists up to `limit` queues of a team by name, after the name `after`, without removed and renamed ones. */
  async list(team: string, { limit, after = SETTINGS }: { limit: number; after?: string }, deadline: Deadline): Promise<Queue[]> {
    const queues: Queue[] = [];
    const { name: afterRow } = await this.locate({ team, name: after }, deadline);
    const rows = this.#table.queryAll<QueueRow>(
      {
        ConsistentRead: true,
        KeyConditionExpression: "team = :team AND #name > :after",
        ExpressionAttributeNames: { "#name": "name" },
        ExpressionAttributeValues: { ":team": team, ":after": afterRow },
        Limit: limit + 1,
      },
      deadline,
    );
    for await (const row of rows) {
      if (row.name === SETTINGS || row.removed || row.renamed_to !== undefined) continue;
      queues.push(parseQueue(row));
      if (queues.length === limit) break;
    }
    return queues;
  }

  /** Lists the queues that are due, the longest due first. */
  async listDue(nowMs: number): Promise<QueueKey[]> {
    const keys: QueueKey[] = [];
    const rows = this.#table.queryAll<QueueKey>({
      IndexName: DUE.name,
      KeyConditionExpression: "due = :yes AND due_at <= :now",
      ExpressionAttributeValues: { ":yes": "yes", ":now": nowMs },
    });
    for await (const { team, name } of rows) keys.push({ team, name });
    return keys;
  }

  /**
   * Joins a queue in one blind write. Refused if the queue has one of the claim's keys already, is full or renamed, or if it must exist and
   * does not. A retry of a write whose answer was lost is refused too, because the claim's own keys are there.
   */
  async join(key: QueueKey, claim: Claim, mustExist: boolean, deadline: Deadline): Promise<Written> {
    const row = await this.locate(key, deadline);
    const isShownOtherwise = row.name !== key.name && (await this.read(row, deadline)) === undefined;
    const keys = keysOf(claim);
    const free = keys.map((_, index) => `NOT contains(#keys, :k${index})`);
    return this.write(deadline, {
      Key: buildKey(row),
      UpdateExpression: [
        "SET claims = list_append(if_not_exists(claims, :none), :claim), #version = if_not_exists(#version, :zero) + :one",
        "beats = if_not_exists(beats, :nobody)",
        ...(isShownOtherwise ? ["shown_as = if_not_exists(shown_as, :shown)"] : []),
        "due = :yes, due_at = :now REMOVE removed ADD #keys :keys",
      ].join(", "),
      ConditionExpression: [
        ...free,
        "attribute_not_exists(renamed_to)",
        "(attribute_not_exists(claims) OR size(claims) < :most)",
        ...(mustExist ? ["attribute_exists(#version)", "attribute_not_exists(removed)"] : []),
      ].join(" AND "),
      ExpressionAttributeNames: { "#keys": "keys", "#version": "version" },
      ExpressionAttributeValues: {
        ":none": [],
        ":claim": buildJsonList([claim]),
        ":nobody": {},
        ...(isShownOtherwise ? { ":shown": key.name } : {}),
        ":zero": 0,
        ":one": 1,
        ":most": MAX_CLAIMS,
        ":yes": "yes",
        // Marked as due now: the next reader of the queue computes the real due time.
        ":now": claim.joinedAtMs,
        ":keys": new Set(keys),
        ...Object.fromEntries(keys.map((each, index) => [`:k${index}`, each])),
      },
    });
  }

  /** Records a heartbeat of a claim in one blind write. Refused if the claim is not in the queue. */
  async recordHeartbeat(key: QueueKey, id: string, nowMs: number, deadline: Deadline): Promise<Written> {
    return this.write(deadline, {
      Key: buildKey(await this.locate(key, deadline)),
      UpdateExpression: "SET beats.#id = :now ADD #version :one",
      // Keys outlive their claims for a while. Whether the claim has ended shows in the queue that the write returns.
      ConditionExpression: "contains(#keys, :id)",
      ExpressionAttributeNames: { "#id": id, "#keys": "keys", "#version": "version" },
      ExpressionAttributeValues: { ":id": id, ":now": nowMs, ":one": 1 },
    });
  }

  /** Replaces a queue by its next version. Returns false if another writer was faster. */
  async put(queue: Queue, deadline: Deadline): Promise<boolean> {
    const writer = randomUUID();
    const { isWritten, row } = await this.#table.putIf<QueueRow>(await this.buildPut(queue, writer, deadline), deadline);
    // A retry of a write whose answer was lost finds its own row.
    return isWritten || row?.writer === writer;
  }

  /** Replaces two queues by their next versions, both or neither. Returns false if another writer was faster. */
  async putBoth(first: Queue, second: Queue, deadline: Deadline): Promise<boolean> {
    const writer = randomUUID();
    const puts = await Promise.all([first, second].map(queue => this.buildPut(queue, writer, deadline)));
    // All attempts share one token, so that a transaction whose answer was lost is not applied twice.
    const command = new TransactWriteItemsCommand({
      TransactItems: puts.map(put => ({ Put: this.#table.build<Put>(put) })),
      ClientRequestToken: randomUUID(),
    });
    try {
      await retryUntil(deadline, () => this.#table.client.send(command, { abortSignal: deadline.signal() }));
      return true;
    } catch (error) {
      if (error instanceof TransactionCanceledException) return false;
      throw error;
    }
  }

  /** Removes entries of the outbox that have been sent. */
  async forgetSent(key: QueueKey, entryIds: readonly string[], deadline: Deadline): Promise<void> {
    const request = {
      Key: buildKey(await this.locate(key, deadline)),
      UpdateExpression: `REMOVE ${entryIds.map((_, index) => `outbox.#e${index}`).join(", ")} ADD #version :one`,
      ConditionExpression: "attribute_exists(outbox)",
      ExpressionAttributeNames: { "#version": "version", ...Object.fromEntries(entryIds.map((id, index) => [`#e${index}`, id])) },
      ExpressionAttributeValues: { ":one": 1 },
    };
    await this.#table.update(request, deadline);
  }

  private async buildPut(queue: Queue, writer: string, deadline: Deadline): Promise<ConditionalRequest<PutItemCommandInput>> {
    const before = queue.version - 1;
    return {
      Item: { ...buildRow(queue, await this.locate(queue, deadline), writer) },
      ConditionExpression: before === 0 ? "attribute_not_exists(#version)" : "#version = :before",
      ExpressionAttributeNames: { "#version": "version" },
      ...(before === 0 ? {} : { ExpressionAttributeValues: { ":before": before } }),
    };
  }

  private read(key: QueueKey, deadline: Deadline): Promise<QueueRow | undefined> {
    return this.#table.get<QueueRow>(buildKey(key), deadline);
  }

  private async write(deadline: Deadline, request: ConditionalRequest<UpdateItemCommandInput>): Promise<Written> {
    const { isWritten, row } = await this.#table.updateIf<QueueRow>({ ...request, ReturnValues: "ALL_NEW" }, deadline);
    const queue = row && parseQueue(row);
    return isWritten && queue !== undefined ? { queue } : { refused: queue };
  }
}

export type { QueueKey };
export { DibsTable };
