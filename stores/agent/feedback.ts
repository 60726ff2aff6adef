/** People's ratings of the agent's answers, in the table `agent-tasks`: one row for each answer and person, in one partition for each team. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Rating } from "#core/agent/buttons";
import type { Deadline } from "#core/deadline";
import { readTeamOf } from "#core/message/message";
import { createDynamoDB } from "#stores/aws-clients";
import { Table } from "#stores/table";

interface Opinion {
  /** The task whose answer it is. */
  task: string;
  /** Slack id of the person. */
  user: string;
  rating: Rating;
}

/** As long as tasks are kept, because their rows have the answers. */
const KEPT_SECONDS = 30 * 86_400;

class Feedback {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Puts a person's rating of an answer, in place of an earlier one. */
  async put({ task, user, rating }: Opinion, nowMs: number, deadline: Deadline): Promise<void> {
    await this.#table.update(
      {
        Key: { task: `feedback#${readTeamOf(task)}`, item: `${task}#${user}` },
        UpdateExpression: "SET #user = :user, rating = :rating, #at = :at, expires_at = :expires",
        ExpressionAttributeNames: { "#user": "user", "#at": "at" },
        ExpressionAttributeValues: {
          ":user": user,
          ":rating": rating,
          ":at": new Date(nowMs).toISOString(),
          ":expires": Math.ceil(nowMs / 1000) + KEPT_SECONDS,
        },
      },
      deadline,
    );
  }
}

/** Creates the store and its client, for a door. */
const createFeedback = (table: string): Feedback => new Feedback(createDynamoDB("ack"), table);

export { createFeedback, Feedback };
