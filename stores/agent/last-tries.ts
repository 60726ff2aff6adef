/**
 * Marks of tasks on their last try, in the table `agent-tasks`. If a worker dies during the last try, the message becomes a dead letter and
 * nobody receives it again. A mark that has run out, because no heartbeat renewed it, shows that this happened.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Deadline } from "#core/deadline";
import { Table } from "#stores/table";

/** A task, and the time in epoch milliseconds until which its worker is considered alive. */
interface LastTry {
  task: string;
  untilMs: number;
}

interface MarkRow {
  task: string;
  /** The id of the marked task; `task` is the partition of all marks. */
  item: string;
  until: number;
  expires_at: number;
}

const PARTITION = "last-tries";
/** As long as the task itself is kept. */
const KEPT_SECONDS = 30 * 86_400;
/** Heartbeats come every 30 s; the next one retries a call that takes longer than this. */
const CALL_BUDGET_MS = 10_000;

const buildKey = (task: string) => ({ task: PARTITION, item: task });

class LastTries {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Marks a task, or renews its mark. */
  async put({ task, untilMs }: LastTry): Promise<void> {
    const row = { ...buildKey(task), until: untilMs, expires_at: Math.ceil(untilMs / 1000) + KEPT_SECONDS } satisfies MarkRow;
    await this.#table.put(row, new Deadline(CALL_BUDGET_MS));
  }

  /** Removes a mark, if there is one. */
  async remove(task: string): Promise<void> {
    await this.#table.delete(buildKey(task), new Deadline(CALL_BUDGET_MS));
  }

  /** Lists the marks, strongly consistent. Reads one page, which holds thousands. */
  async list(): Promise<LastTry[]> {
    const rows = await this.#table.query<MarkRow>(
      {
        ConsistentRead: true,
        KeyConditionExpression: "task = :partition",
        ExpressionAttributeValues: { ":partition": PARTITION },
      },
      new Deadline(CALL_BUDGET_MS),
    );
    return rows.map(({ item, until }) => ({ task: item, untilMs: until }));
  }
}

export { LastTries };
