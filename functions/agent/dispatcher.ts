/** Passes tasks from the queue to the agent on AgentCore Runtime, and watches them until they have ended. */

import { buildSlotWait, buildThreadKey, isEnded, MAX_STEPS, MAX_TRIES, type Task } from "#core/agent/task";
import { parseTaskRequest } from "#core/agent/task-request";
import { ToolBusy } from "#core/errors";
import { createLog, type Log } from "#core/log";
import type { HttpUrl, QueueUrl, RuntimeArn, TableName, TopicArn } from "#core/named";
import { type AgentGateway, createAgentGateway } from "#stores/agent/gateway";
import { NextTurns } from "#stores/agent/next-turns";
import { type AgentRuntime, createAgentRuntime } from "#stores/agent/runtime";
import { type Slots, TeamSlots, UserSlots } from "#stores/agent/slots";
import { createTasksTable, type TasksTable } from "#stores/agent/tasks-table";
import { ThreadLeases } from "#stores/agent/thread-leases";
import { createThreadsTable } from "#stores/agent/threads-table";
import { type AgentWatches, createAgentWatches, HANDOVERS } from "#stores/agent/watches";
import { createDynamoDB } from "#stores/aws-clients";
import { createNoticesTopic, type NoticesTopic } from "#stores/notice/topic";

interface DispatcherSettings {
  queueUrl: QueueUrl;
  tasksTable: TableName;
  runtimeArn: RuntimeArn;
  errorsTopicArn: TopicArn;
  /** The gateway, which changes the card of a task that the dispatcher gives up. */
  gatewayUrl: HttpUrl;
  /** How many tasks of one person run at a time. */
  tasksPerUser: number;
  /** How many tasks of one workspace run at a time. Undefined where the stack serves one workspace. */
  tasksPerTeam?: number | undefined;
}

/** The fields of an SQS message that the dispatcher reads. */
interface TaskMessage {
  body: string;
  attributes?: { ApproximateReceiveCount?: string };
  messageAttributes?: Record<string, { stringValue?: string } | undefined>;
}

/** A dead session's lease ends after two minutes. Until then, nobody could take over. */
const WATCH_SECONDS = 300;

interface DispatcherParts {
  tasks: Pick<TasksTable, "accept" | "finish" | "readSteps">;
  leases: Pick<ThreadLeases, "readHolder">;
  slots: Pick<Slots, "isFull">;
  /** Undefined where the stack serves one workspace. */
  teamSlots?: Pick<Slots, "isFull"> | undefined;
  runtime: Pick<AgentRuntime, "invoke">;
  watches: Pick<AgentWatches, "put">;
  errors: Pick<NoticesTopic, "publish">;
  gateway: Pick<AgentGateway, "report">;
  nextTurns: Pick<NextTurns, "wake">;
  log: Log;
  nowMs?: () => number;
}

class Dispatcher {
  readonly #parts: DispatcherParts & Required<Pick<DispatcherParts, "nowMs">>;

  constructor(parts: DispatcherParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Handles one message. If this throws, SQS delivers the message again. Throws `BadRequest` if the message is not a task. */
  async handle({ body, attributes, messageAttributes }: TaskMessage): Promise<void> {
    const handovers = Number(messageAttributes?.[HANDOVERS]?.stringValue ?? 0);
    const task = await this.#parts.tasks.accept(parseTaskRequest(body), this.#parts.nowMs());
    this.#parts.log.debug("task", { id: task.id, state: task.state, handovers });
    if (isEnded(task)) return;
    const holder = await this.#parts.leases.readHolder(buildThreadKey(task), this.#parts.nowMs());
    if (holder === task.id) return this.#parts.watches.put(body, handovers, WATCH_SECONDS);
    if (await this.isToWait(task)) return this.#parts.watches.put(body, handovers, buildSlotWait(task, this.#parts.nowMs()));
    if (holder !== undefined) return this.handOver(task, body, handovers);
    if (handovers >= MAX_TRIES) return this.fail(task, Number(attributes?.ApproximateReceiveCount ?? 1) >= MAX_TRIES);
    return this.handOver(task, body, handovers + 1);
  }

  /** Waiting for another task of the thread does not count as a loss. A live session recognises the same task. */
  private async handOver(task: Task, body: string, handovers: number): Promise<void> {
    await this.#parts.runtime.invoke(task.id, body);
    await this.#parts.watches.put(body, handovers, WATCH_SECONDS);
    this.#parts.log.info("handed over", { id: task.id, handovers });
  }

  /** True if a session found no free slot for the person or the workspace, and there still is none. A task that is to be stopped needs no slot. */
  private async isToWait(task: Task): Promise<boolean> {
    if (task.hasNoSlot !== true || task.stopBy !== undefined) return false;
    const { slots, teamSlots, nowMs } = this.#parts;
    return (await slots.isFull(task, nowMs())) || (await teamSlots?.isFull(task, nowMs())) === true;
  }

  /** Publishes the notice and changes the card before it ends the task: an ended task is not delivered again. */
  private async fail(task: Task, isLastReceive: boolean): Promise<void> {
    const error = `The agent's session was lost ${MAX_TRIES} times during this task.`;
    await this.#parts.errors.publish({
      id: `${task.id}-lost`,
      outcome: "error",
      title: "An agent's task failed",
      text: `${error} The task: ${task.text}`,
      team: task.team,
      channel: task.channel,
      // A task does not record whether its conversation is public.
      private: true,
      ...(task.threadTs === undefined ? {} : { threadTs: task.threadTs }),
    });
    await this.show(task, error, isLastReceive);
    await this.#parts.tasks.finish(task, { state: "failed", error }, this.#parts.nowMs());
    await this.#parts.nextTurns.wake(task);
  }

  /** Changes the card. Throws `ToolBusy` if SQS will retry. On the last try it only logs failures, because the task must end anyway. */
  private async show({ id }: Task, note: string, isLastReceive: boolean): Promise<void> {
    const steps = await this.#parts.tasks.readSteps(id);
    try {
      await this.#parts.gateway.report(id, {
        state: "failed",
        steps: steps.slice(-MAX_STEPS).map(({ label }) => ({ label, state: "done" })),
        note,
      });
    } catch (error) {
      if (error instanceof ToolBusy && !isLastReceive) throw error;
      this.#parts.log.error("the card does not show how the task ended", error, { id });
    }
  }
}

/** Creates the dispatcher; its secret is `MCP_TOKEN`. Give its function 60 s. */
const create = (settings: DispatcherSettings): ((event: { Records: TaskMessage[] }) => Promise<void>) => {
  const log = createLog("agent-dispatcher");
  const leases = new ThreadLeases(createDynamoDB("background"), settings.tasksTable);
  const tasks = createTasksTable(settings.tasksTable);
  const watches = createAgentWatches(settings.queueUrl);
  const dispatcher = new Dispatcher({
    tasks,
    leases,
    slots: new UserSlots(leases, settings.tasksPerUser),
    teamSlots: settings.tasksPerTeam === undefined ? undefined : new TeamSlots(leases, settings.tasksPerTeam),
    runtime: createAgentRuntime(settings.runtimeArn),
    watches,
    nextTurns: new NextTurns(tasks, createThreadsTable(settings.tasksTable), body => watches.put(body, 0, 0)),
    errors: createNoticesTopic(settings.errorsTopicArn),
    gateway: createAgentGateway(settings.gatewayUrl),
    log,
  });
  return async ({ Records }) => {
    // The event source mapping's batch size is one, so that a failure brings back only its own message.
    for (const record of Records) await dispatcher.handle(record);
  };
};

export type { DispatcherSettings };
export { create, Dispatcher };
