/** The table `dibs`: one item a queue, which is all that a claim, a release or a timer writes to; and one item of settings a team. */
import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandOutput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
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
import { retryUntil } from "#stores/retry";

type Item = Record<string, AttributeValue>;

interface QueueKey {
  team: string;
  name: string;
}

/** What came of a blind write: the queue after it, or the queue that stood against it. */
type Written = { queue: Queue } | { refused: Queue | undefined };

/** No queue's name looks like this. */
const SETTINGS = "#settings";

const buildKey = ({ team, name }: QueueKey): Item => ({ team: { S: team }, name: { S: name } });

const buildJsonList = (values: readonly unknown[]): AttributeValue => ({ L: values.map(value => ({ S: JSON.stringify(value) })) });

const parseJsonList = <T>(value: AttributeValue | undefined): T[] => (value?.L ?? []).map(({ S = "null" }) => JSON.parse(S) as T);

const mapValues = <From, To>(map: Record<string, From>, change: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));

/** Builds the item of a queue, to stand under `row`. `keys` and `due` repeat what the rest says, for conditions and the index. */
const buildItem = (queue: Queue, row: QueueKey, writer: string): Item => {
  const keys = takenKeys(queue);
  const dueAtMs = computeDueMs(queue);
  return {
    ...buildKey(row),
    ...(queue.name === row.name ? {} : { shown_as: { S: queue.name } }),
    version: { N: String(queue.version) },
    writer: { S: writer },
    passed: { N: String(queue.passed) },
    claims: buildJsonList(queue.claims),
    beats: { M: mapValues(queue.beats, atMs => ({ N: String(atMs) })) },
    ended: buildJsonList(queue.ended),
    outbox: { M: mapValues(queue.outbox, entry => ({ S: JSON.stringify(entry) })) },
    watchers: buildJsonList(queue.watchers),
    applied: buildJsonList(queue.applied),
    ...(keys.length === 0 ? {} : { keys: { SS: keys } }),
    ...(dueAtMs === undefined ? {} : { due: { S: "yes" }, due_at: { N: String(dueAtMs) } }),
    ...(queue.isRemoved ? { removed: { BOOL: true } } : {}),
    ...(queue.renamedTo === undefined ? {} : { renamed_to: { S: queue.renamedTo } }),
    ...(queue.formerNames === undefined ? {} : { former_names: buildJsonList(queue.formerNames) }),
  };
};

const parseQueue = (item: Item): Queue => ({
  team: item["team"]?.S ?? "",
  name: item["shown_as"]?.S ?? item["name"]?.S ?? "",
  version: Number(item["version"]?.N ?? 0),
  passed: Number(item["passed"]?.N ?? 0),
  claims: parseJsonList<Claim>(item["claims"]),
  beats: mapValues(item["beats"]?.M ?? {}, ({ N }) => Number(N)),
  ended: parseJsonList(item["ended"]),
  outbox: mapValues(item["outbox"]?.M ?? {}, ({ S = "null" }) => JSON.parse(S) as OutboxEntry),
  watchers: parseJsonList(item["watchers"]),
  applied: parseJsonList<AppliedChange>(item["applied"]),
  ...(item["removed"]?.BOOL ? { isRemoved: true } : {}),
  ...(item["renamed_to"]?.S === undefined ? {} : { renamedTo: item["renamed_to"].S }),
  ...(item["former_names"] === undefined ? {} : { formerNames: parseJsonList<FormerName>(item["former_names"]) }),
  ...(item["due_at"]?.N === undefined ? {} : { dueAtMs: Number(item["due_at"].N) }),
});

class DibsTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly dueIndex = "",
  ) {}

  /** Reads a queue, strongly consistent; undefined when there never was one. */
  async get(key: QueueKey, deadline: Deadline): Promise<Queue | undefined> {
    const { Item } = await this.read(await this.locate(key, deadline), deadline);
    return Item && parseQueue(Item);
  }

  /**
   * Finds the row of a name: that of the folded name, so that one thing has one row. A name which folding changes may have a row of its own
   * from the time before names were folded; then that one counts. Only such names cost a read.
   */
  async locate({ team, name }: QueueKey, deadline: Deadline): Promise<QueueKey> {
    const folded = { team, name: foldName(name) };
    if (folded.name === name) return folded;
    const { Item } = await this.read({ team, name }, deadline);
    return Item === undefined ? folded : { team, name };
  }

  /** Tells whether a team's people may claim only what an admin has added. */
  async isApproveOnly(team: string, deadline: Deadline): Promise<boolean> {
    const { Item } = await this.read({ team, name: SETTINGS }, deadline);
    return Item?.["approve_only"]?.BOOL ?? false;
  }

  async setApproveOnly(team: string, approveOnly: boolean, deadline: Deadline): Promise<void> {
    await this.update(deadline, {
      Key: buildKey({ team, name: SETTINGS }),
      UpdateExpression: "SET approve_only = :on",
      ExpressionAttributeValues: { ":on": { BOOL: approveOnly } },
    });
  }

  /** Lists a team's queues by name, `limit` at most, those after `after`; removed and renamed ones are none. */
  async list(team: string, { limit, after = SETTINGS }: { limit: number; after?: string }, deadline: Deadline): Promise<Queue[]> {
    const queues: Queue[] = [];
    const { name: afterRow } = await this.locate({ team, name: after }, deadline);
    let next: Item | undefined;
    do {
      const command = new QueryCommand({
        TableName: this.table,
        ConsistentRead: true,
        KeyConditionExpression: "team = :team AND #name > :after",
        ExpressionAttributeNames: { "#name": "name" },
        ExpressionAttributeValues: { ":team": { S: team }, ":after": { S: afterRow } },
        ExclusiveStartKey: next,
        Limit: limit + 1,
      });
      const page: QueryCommandOutput = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
      const read = (page.Items ?? []).filter(item => item["name"]?.S !== SETTINGS).map(parseQueue);
      queues.push(...read.filter(queue => !queue.isRemoved && queue.renamedTo === undefined));
      next = page.LastEvaluatedKey;
    } while (next !== undefined && queues.length < limit);
    return queues.slice(0, limit);
  }

  /** Lists the queues that somebody has to look at, the longest due first. */
  async listDue(nowMs: number): Promise<QueueKey[]> {
    const keys: QueueKey[] = [];
    let next: Item | undefined;
    do {
      const page: QueryCommandOutput = await this.client.send(
        new QueryCommand({
          TableName: this.table,
          IndexName: this.dueIndex,
          KeyConditionExpression: "due = :yes AND due_at <= :now",
          ExpressionAttributeValues: { ":yes": { S: "yes" }, ":now": { N: String(nowMs) } },
          ExclusiveStartKey: next,
        }),
      );
      keys.push(...(page.Items ?? []).map(({ team, name }) => ({ team: team?.S ?? "", name: name?.S ?? "" })));
      next = page.LastEvaluatedKey;
    } while (next !== undefined);
    return keys;
  }

  /**
   * Joins a queue in one write, whatever is in it, unless one of the claim's keys is there, it is full, renamed, or has to be approved and
   * is not. A claim that a lost answer hides is among the keys when the write is repeated.
   */
  async join(key: QueueKey, claim: Claim, mustExist: boolean, deadline: Deadline): Promise<Written> {
    const row = await this.locate(key, deadline);
    const isShownOtherwise = row.name !== key.name && (await this.read(row, deadline)).Item === undefined;
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
        ":none": { L: [] },
        ":claim": buildJsonList([claim]),
        ":nobody": { M: {} },
        ...(isShownOtherwise ? { ":shown": { S: key.name } } : {}),
        ":zero": { N: "0" },
        ":one": { N: "1" },
        ":most": { N: String(MAX_CLAIMS) },
        ":yes": { S: "yes" },
        // At once: what it means for the queue's own time is computed when somebody looks.
        ":now": { N: String(claim.joinedAtMs) },
        ":keys": { SS: keys },
        ...Object.fromEntries(keys.map((each, index) => [`:k${index}`, { S: each }])),
      },
    });
  }

  /** Notes that a claim was heard of, in one write; refused when it is not in the queue. */
  async beat(key: QueueKey, id: string, nowMs: number, deadline: Deadline): Promise<Written> {
    return this.write(deadline, {
      Key: buildKey(await this.locate(key, deadline)),
      UpdateExpression: "SET beats.#id = :now ADD #version :one",
      // Keys outlive their claims for a while; a beat of one that has ended is found out in the queue that comes back.
      ConditionExpression: "contains(#keys, :id)",
      ExpressionAttributeNames: { "#id": id, "#keys": "keys", "#version": "version" },
      ExpressionAttributeValues: { ":id": { S: id }, ":now": { N: String(nowMs) }, ":one": { N: "1" } },
    });
  }

  /** Replaces a queue by its next version; false when somebody else wrote in between. */
  async put(queue: Queue, deadline: Deadline): Promise<boolean> {
    const writer = randomUUID();
    const input = {
      ...(await this.buildPut(queue, writer, deadline)),
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    } satisfies PutItemCommandInput;
    try {
      await retryUntil(deadline, () => this.client.send(new PutItemCommand(input), { abortSignal: deadline.signal() }));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // A write whose answer was lost meets itself.
      return error.Item?.["writer"]?.S === writer;
    }
  }

  /** Replaces two queues by their next versions, or none; false when somebody else wrote in between. */
  async putBoth(first: Queue, second: Queue, deadline: Deadline): Promise<boolean> {
    const writer = randomUUID();
    const puts = await Promise.all([first, second].map(queue => this.buildPut(queue, writer, deadline)));
    // One token for all attempts: a transaction whose answer was lost is not done again.
    const command = new TransactWriteItemsCommand({ TransactItems: puts.map(Put => ({ Put })), ClientRequestToken: randomUUID() });
    try {
      await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
      return true;
    } catch (error) {
      if (error instanceof TransactionCanceledException) return false;
      throw error;
    }
  }

  /** Drops what has been sent. */
  async forgetSent(key: QueueKey, entryIds: readonly string[], deadline: Deadline): Promise<void> {
    await this.update(deadline, {
      Key: buildKey(await this.locate(key, deadline)),
      UpdateExpression: `REMOVE ${entryIds.map((_, index) => `outbox.#e${index}`).join(", ")} ADD #version :one`,
      ConditionExpression: "attribute_exists(outbox)",
      ExpressionAttributeNames: { "#version": "version", ...Object.fromEntries(entryIds.map((id, index) => [`#e${index}`, id])) },
      ExpressionAttributeValues: { ":one": { N: "1" } },
    });
  }

  private async buildPut(queue: Queue, writer: string, deadline: Deadline) {
    const before = queue.version - 1;
    return {
      TableName: this.table,
      Item: buildItem(queue, await this.locate(queue, deadline), writer),
      ConditionExpression: before === 0 ? "attribute_not_exists(#version)" : "#version = :before",
      ExpressionAttributeNames: { "#version": "version" },
      ...(before === 0 ? {} : { ExpressionAttributeValues: { ":before": { N: String(before) } } }),
    };
  }

  private read(key: QueueKey, deadline: Deadline) {
    return retryUntil(deadline, () =>
      this.client.send(new GetItemCommand({ TableName: this.table, Key: buildKey(key), ConsistentRead: true }), {
        abortSignal: deadline.signal(),
      }),
    );
  }

  private update(deadline: Deadline, input: Omit<UpdateItemCommandInput, "TableName">) {
    return retryUntil(deadline, () =>
      this.client.send(new UpdateItemCommand({ TableName: this.table, ...input }), { abortSignal: deadline.signal() }),
    );
  }

  private async write(deadline: Deadline, input: Omit<UpdateItemCommandInput, "TableName">): Promise<Written> {
    try {
      const { Attributes = {} } = await this.update(deadline, {
        ...input,
        ReturnValues: "ALL_NEW",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      return { queue: parseQueue(Attributes) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { refused: error.Item && parseQueue(error.Item) };
    }
  }
}

export type { QueueKey, Written };
export { DibsTable };
