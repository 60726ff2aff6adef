/**
 * The table `api-tokens`: the API's tokens by their hashes. A revoked token's item stays for as long as the token would have been good, so that
 * the request that made it can't bring it back.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import type { ApiToken } from "#core/dibs/api-token";
import { retryUntil } from "#stores/retry";

/** A person with more has lost count of them. */
const MAX_LISTED = 50;
/** How exactly the last use is known; writing each would double the cost of a claim. */
const USE_RESOLUTION_MS = 60_000;

const buildOwner = (team: string, user: string): string => `${team}#${user}`;

const isRevoked = (item: Record<string, AttributeValue>): boolean => item["revoked_at"] !== undefined;

const parseToken = (item: Record<string, AttributeValue>): ApiToken => {
  const [team = "", user = ""] = (item["owner"]?.S ?? "").split("#");
  const lastUsedAtMs = item["last_used_at"]?.N;
  return {
    hash: item["hash"]?.S ?? "",
    id: item["id"]?.S ?? "",
    team,
    user,
    createdAtMs: Number(item["created_at"]?.N),
    expiresAtMs: Number(item["expires_at"]?.N) * 1000,
    ...(lastUsedAtMs === undefined ? {} : { lastUsedAtMs: Number(lastUsedAtMs) }),
  };
};

class ApiTokensTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly ownerIndex = "",
  ) {}

  /** Finds a token by its hash, strongly consistent: one that was revoked a moment ago is gone. */
  async find(hash: string, deadline: Deadline): Promise<ApiToken | undefined> {
    const command = new GetItemCommand({ TableName: this.table, Key: { hash: { S: hash } }, ConsistentRead: true });
    const { Item } = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
    return Item && !isRevoked(Item) ? parseToken(Item) : undefined;
  }

  /** Puts a new token; one that is there already stays as it is. False when it has been revoked. */
  async put(token: ApiToken, deadline: Deadline): Promise<boolean> {
    const command = new PutItemCommand({
      TableName: this.table,
      Item: {
        hash: { S: token.hash },
        id: { S: token.id },
        owner: { S: buildOwner(token.team, token.user) },
        created_at: { N: String(token.createdAtMs) },
        expires_at: { N: String(Math.ceil(token.expiresAtMs / 1000)) },
      },
      ConditionExpression: "attribute_not_exists(#hash)",
      ExpressionAttributeNames: { "#hash": "hash" },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item === undefined || !isRevoked(error.Item);
    }
  }

  /** Lists a person's tokens that are not revoked, the latest first. */
  async list(team: string, user: string, deadline: Deadline): Promise<ApiToken[]> {
    const tokens: ApiToken[] = [];
    let next: Record<string, AttributeValue> | undefined;
    do {
      const command = new QueryCommand({
        TableName: this.table,
        IndexName: this.ownerIndex,
        KeyConditionExpression: "#owner = :owner",
        FilterExpression: "attribute_not_exists(revoked_at)",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":owner": { S: buildOwner(team, user) } },
        ScanIndexForward: false,
        ExclusiveStartKey: next,
      });
      const page: QueryCommandOutput = await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
      tokens.push(...(page.Items ?? []).map(parseToken));
      next = page.LastEvaluatedKey;
    } while (next !== undefined && tokens.length < MAX_LISTED);
    return tokens.slice(0, MAX_LISTED);
  }

  /** Revokes a token, for good. */
  async revoke(hash: string, nowMs: number, deadline: Deadline): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: { hash: { S: hash } },
      UpdateExpression: "SET revoked_at = :now",
      ExpressionAttributeValues: { ":now": { N: String(nowMs) } },
    });
    await retryUntil(deadline, () => this.client.send(command, { abortSignal: deadline.signal() }));
  }

  /** Notes that a token is in use, at most once a minute, and never brings back one that was revoked meanwhile. */
  async touch(token: ApiToken, nowMs: number, deadline: Deadline): Promise<void> {
    if (nowMs - (token.lastUsedAtMs ?? 0) < USE_RESOLUTION_MS) return;
    const command = new UpdateItemCommand({
      TableName: this.table,
      Key: { hash: { S: token.hash } },
      UpdateExpression: "SET last_used_at = :now",
      ConditionExpression: "attribute_exists(#hash) AND (attribute_not_exists(last_used_at) OR last_used_at <= :before)",
      ExpressionAttributeNames: { "#hash": "hash" },
      ExpressionAttributeValues: { ":now": { N: String(nowMs) }, ":before": { N: String(nowMs - USE_RESOLUTION_MS) } },
    });
    try {
      await this.client.send(command, { abortSignal: deadline.signal() });
    } catch (error) {
      // Somebody else has just noted it, or the token is gone.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

export { ApiTokensTable };
