import type { KeyLayout } from "#core/message/count-keys";
import { BY_LEVEL, BY_PERSON, PENDING } from "#core/message/tables";
import type { Agent } from "../features/agent/agent";
import type { Dibs } from "../features/dibs";
import type { FeatureArgs } from "../resources/feature";
import { ScheduledFunction } from "../resources/scheduled-function";
import type { Table } from "../resources/table";
import type { Topic } from "../resources/topic";
import { deleteItems, publish, query, read, readMany, readWrite, update } from "../wiring/grants";
import { wire } from "../wiring/wire";

interface RelayArgs extends FeatureArgs {
  seen: Table;
  words: Table;
  boards: Table;
  /** How the keys of counters are laid out. */
  layout: KeyLayout;
  /** How long messages are remembered. */
  remembering: { archiveDays: number; dedupHours: number };
  messages: Topic;
  agent: Agent;
  dibs: Dibs | undefined;
}

/**
 * Publishes messages that a door accepted but failed to publish, ends turns that are over, deletes the boards of people who asked for that, starts
 * the agent when tasks wait, and repairs its status in Slack.
 */
class Relay extends ScheduledFunction {
  constructor(name: string, { seen, words, boards, messages, agent, dibs, ...args }: RelayArgs) {
    const { layout, remembering, ...shared } = args;
    super(name, {
      ...shared,
      ...wire(() => require("#functions/outbox-relay") as typeof import("#functions/outbox-relay"), {
        seenTable: seen.may(query(PENDING), readWrite, readMany),
        wordsTable: words.may(update, readMany),
        topicArn: messages.may(publish),
        boardsTable: boards.may(query(BY_LEVEL), query(BY_PERSON), read, update, deleteItems),
        layout,
        ...remembering,
        agentService: agent.may("wake"),
        agentSessions: agent.may("repair"),
        dibs: dibs?.may("change", "findDue"),
      }),
      environment: { ...shared.environment, ...agent.gatewayEnvironment },
      schedule: "rate(1 minute)",
      // Less than the schedule, so that runs rarely overlap. An overlap does no harm.
      timeoutSeconds: 50,
      // Only in production: a laptop, for example, sleeps at night.
      idleMinutes: shared.production ? 10 : undefined,
    });
  }
}

export { Relay };
