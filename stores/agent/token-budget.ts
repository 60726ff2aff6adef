/** How many tokens the agents of a team use per UTC day, in the table `agent-tasks`. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Deadline } from "#core/deadline";
import { Table } from "#stores/table";

const DAY_SECONDS = 86_400;
const CALL_BUDGET_MS = 10_000;

class TokenBudget {
  readonly #table: Table;

  constructor(
    client: DynamoDBClient,
    table: string,
    /** The most tokens a day; 0 for no limit. */
    readonly tokensPerDay: number,
  ) {
    this.#table = new Table(client, table);
  }

  /** Tells whether the team has used up the tokens of the day. */
  async isUsedUp(team: string, nowMs: number): Promise<boolean> {
    if (this.tokensPerDay === 0) return false;
    const row = await this.#table.get<{ tokens?: number }>(buildKey(team, nowMs), new Deadline(CALL_BUDGET_MS));
    return (row?.tokens ?? 0) >= this.tokensPerDay;
  }

  /** Adds used tokens. A call of a model that is repeated after a crash has been paid twice, and counts twice. */
  async add(team: string, tokens: number, nowMs: number): Promise<void> {
    if (this.tokensPerDay === 0) return;
    const expiresAt = Math.ceil(nowMs / 1000) + 2 * DAY_SECONDS;
    await this.#table.update(
      {
        Key: buildKey(team, nowMs),
        UpdateExpression: "SET expires_at = :expires ADD tokens :tokens",
        ExpressionAttributeValues: { ":tokens": tokens, ":expires": expiresAt },
      },
      new Deadline(CALL_BUDGET_MS),
    );
  }
}

const buildKey = (team: string, nowMs: number) => ({ task: `tokens#${team}`, item: new Date(nowMs).toISOString().slice(0, 10) });

export { TokenBudget };
