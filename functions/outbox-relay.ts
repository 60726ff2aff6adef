/**
 * Runs every minute: finishes messages that a door accepted but could not finish, sweeps the turn queues, deletes forgotten
 * boards, wakes the agent, and repairs the status of its sessions in Slack.
 */

import { Deadline } from "#core/deadline";
import { createLog, type Log } from "#core/log";
import { CountKeys, type KeyLayout } from "#core/message/count-keys";
import { metrics } from "#core/metrics";
import type { TableName, TopicArn } from "#core/named";
import { runSideBySide } from "#core/side-by-side";
import { type Accept, type AcceptSettings, createAccept } from "#functions/accept";
import { createSessionRepair, type SessionRepairSettings } from "#functions/agent/session-repair";
import { AgentWaker } from "#functions/agent/waker";
import { createDibs, type DibsSettings } from "#functions/dibs/dibs";
import { DibsSweep } from "#functions/dibs/sweep";
import { ForgottenSweep } from "#functions/forgotten-sweep";
import { type AgentServiceSettings, createAgentService } from "#stores/agent/service";
import { createDynamoDB } from "#stores/aws-clients";
import { ForgottenBoards } from "#stores/message/forgotten-boards";
import { SeenTable } from "#stores/message/seen-table";

interface RelaySettings extends AcceptSettings {
  seenTable: TableName;
  wordsTable: TableName;
  layout: KeyLayout;
  /** Absent if messages are not published. */
  topicArn?: TopicArn;
  boardsTable: TableName;
  /** The turn queues, if they are on. */
  dibs?: DibsSettings | undefined;
  /** The agent's container service, if any. */
  agentService?: AgentServiceSettings;
  /** The agent's threads, if there is an agent. */
  agentSessions?: SessionRepairSettings;
}

/** Younger messages are still in the hands of their door. */
const MIN_AGE_MS = 10_000;
/** Each run ends before the next begins, which continues with the rest. */
const RUN_MS = 50_000;
/** Enough for one message of 10,000 words. */
const MESSAGE_MS = 15_000;
const MAX_MESSAGES_AT_ONCE = 5;

class Relay {
  constructor(
    private readonly accept: Pick<Accept, "finish">,
    private readonly seen: Pick<SeenTable, "get" | "listPending">,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Finishes pending messages, oldest first. A failure does not hold up the others; it is thrown at the end, to count as an error. */
  async handle(): Promise<void> {
    const run = new Deadline(RUN_MS);
    const ids = await this.seen.listPending(this.nowMs() - MIN_AGE_MS);
    if (ids.length > 0) this.log.info("pending", { messages: ids.length });
    await runSideBySide(ids, MAX_MESSAGES_AT_ONCE, async id => {
      if (run.leftMs > MESSAGE_MS) await metrics.measure(() => this.finish(id));
    });
  }

  /** Finishes one message, unless its door has done so in the meantime: the index may lag. */
  async finish(id: string): Promise<void> {
    const deadline = new Deadline(MESSAGE_MS);
    const marker = await this.seen.get(id, deadline);
    if (!marker?.pending) return;
    metrics.concern(id);
    await this.accept.finish(marker, deadline);
    metrics.add("RelayedMessages", 1);
    this.log.debug("finished", { id });
  }
}

/** Creates the relay. Its function needs 50 s, as long as a run. */
const create = (settings: RelaySettings): (() => Promise<void>) => {
  const log = createLog("outbox-relay");
  const client = createDynamoDB("background");
  const seen = new SeenTable(client, settings.seenTable);
  const relay = new Relay(createAccept(settings, log, "background"), seen, log);
  const sweep = settings.dibs && new DibsSweep(createDibs(settings.dibs, log, "background"), log);
  const forgottenBoards = new ForgottenBoards(client, settings.boardsTable, new CountKeys(settings.layout));
  const forgotten = new ForgottenSweep(forgottenBoards, log);
  const waker = settings.agentService && new AgentWaker(createAgentService(settings.agentService), log);
  const sessions = settings.agentSessions && createSessionRepair(settings.agentSessions, log);
  return async () => {
    const ends = await Promise.allSettled([
      relay.handle(),
      metrics.measure(async () => sweep?.handle(new Deadline(RUN_MS))),
      forgotten.handle(new Deadline(RUN_MS)),
      waker?.handle(),
      sessions?.handle(),
    ]);
    const failures = ends.flatMap(end => (end.status === "rejected" ? [end.reason as unknown] : []));
    for (const failure of failures) log.error("something is still pending", failure);
    if (failures.length > 0) throw new AggregateError(failures, "something is still pending");
  };
};

export type { RelaySettings };
export { create, Relay };
