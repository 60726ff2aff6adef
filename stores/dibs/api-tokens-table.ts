/**
 * The table `api-tokens`: the API's tokens by their hashes. The row of a revoked token stays until the token would have expired, so that
 * repeating the request that created the token can't bring it back.
 */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import type { ApiToken } from "#core/dibs/api-token";
import { BY_OWNER } from "#core/dibs/tables";
import { Table } from "#stores/table";

interface TokenRow {
  hash: string;
  id: string;
  /** `TEAM#USER` */
  owner: string;
  created_at: number;
  /** Epoch seconds; the other times are milliseconds. */
  expires_at: number;
  last_used_at?: number;
  revoked_at?: number;
}

/** Nobody needs more tokens than this at a time. */
const MAX_LISTED = 50;
/** Precision of the last use: writing every use would double the cost of a claim. */
const USE_RESOLUTION_MS = 60_000;

const buildOwner = (team: string, user: string): string => `${team}#${user}`;

const parseToken = (row: TokenRow): ApiToken => {
  const [team = "", user = ""] = row.owner.split("#");
  return {
    hash: row.hash,
    id: row.id,
    team,
    user,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at * 1000,
    ...(row.last_used_at === undefined ? {} : { lastUsedAtMs: row.last_used_at }),
  };
};

class ApiTokensTable {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Finds a token by its hash, strongly consistent, so that revoking takes effect at once. */
  async find(hash: string, deadline: Deadline): Promise<ApiToken | undefined> {
    const row = await this.#table.get<TokenRow>({ hash }, deadline);
    return row === undefined || row.revoked_at !== undefined ? undefined : parseToken(row);
  }

  /** Puts a new token, and leaves a token that exists as it is. Returns false if the token has been revoked. */
  async put(token: ApiToken, deadline: Deadline): Promise<boolean> {
    const { isWritten, row } = await this.#table.putIf<TokenRow>(
      {
        Item: {
          hash: token.hash,
          id: token.id,
          owner: buildOwner(token.team, token.user),
          created_at: token.createdAtMs,
          expires_at: Math.ceil(token.expiresAtMs / 1000),
        } satisfies TokenRow,
        ConditionExpression: "attribute_not_exists(#hash)",
        ExpressionAttributeNames: { "#hash": "hash" },
      },
      deadline,
    );
    return isWritten || row?.revoked_at === undefined;
  }

  /** Lists a person's tokens, latest first, without the revoked ones. */
  async list(team: string, user: string, deadline: Deadline): Promise<ApiToken[]> {
    const tokens: ApiToken[] = [];
    const rows = this.#table.queryAll<TokenRow>(
      {
        IndexName: BY_OWNER.name,
        KeyConditionExpression: "#owner = :owner",
        FilterExpression: "attribute_not_exists(revoked_at)",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":owner": buildOwner(team, user) },
        ScanIndexForward: false,
      },
      deadline,
    );
    for await (const row of rows) {
      tokens.push(parseToken(row));
      if (tokens.length === MAX_LISTED) break;
    }
    return tokens;
  }

  /** Revokes a token for good. */
  async revoke(hash: string, nowMs: number, deadline: Deadline): Promise<void> {
    await this.#table.update(
      { Key: { hash }, UpdateExpression: "SET revoked_at = :now", ExpressionAttributeValues: { ":now": nowMs } },
      deadline,
    );
  }

  /** Records that a token is in use, at most once a minute. Never brings back a token that has been revoked meanwhile. */
  async touch(token: ApiToken, nowMs: number, deadline: Deadline): Promise<void> {
    if (nowMs - (token.lastUsedAtMs ?? 0) < USE_RESOLUTION_MS) return;
    // If the condition fails, another request has just recorded it, or the token is gone.
    await this.#table.updateIf(
      {
        Key: { hash: token.hash },
        UpdateExpression: "SET last_used_at = :now",
        ConditionExpression: "attribute_exists(#hash) AND (attribute_not_exists(last_used_at) OR last_used_at <= :before)",
        ExpressionAttributeNames: { "#hash": "hash" },
        ExpressionAttributeValues: { ":now": nowMs, ":before": nowMs - USE_RESOLUTION_MS },
      },
      deadline.signal(),
    );
  }
}

export { ApiTokensTable };
