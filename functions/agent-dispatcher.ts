/** Hands tasks from the queue to the agent in AgentCore's runtime, and looks after them until they have ended. */
import { createLog, type Log } from "#core/log";
import { buildThreadKey, isEnded, type Task } from "#core/task";
import { parseTaskRequest } from "#core/task-request";
import { type AgentRuntime, createAgentRuntime } from "#stores/agent-runtime";
import { type AgentWatches, createAgentWatches, HANDOVERS } from "#stores/agent-watches";
import { createDynamoDB } from "#stores/aws-clients";
import { createNoticesTopic, type NoticesTopic } from "#stores/notices-topic";
import { createTasksTable, type TasksTable } from "#stores/tasks-table";
import { ThreadLeases } from "#stores/thread-leases";

interface DispatcherSettings {
  queueUrl: string;
  tasksTable: string;
  activeIndex: string;
  runtimeArn: string;
  errorsTopicArn: string;
}

/** The part of a message of SQS that is read. */
interface TaskMessage {
  body: string;
  messageAttributes?: Record<string, { stringValue?: string } | undefined>;
}

/** A session that died shows by its lease, which ends after two minutes: until then nobody would take over. */
const WATCH_SECONDS = 300;
/** As often as the queue lets a worker in a container try. */
const MAX_HANDOVERS = 3;

class Dispatcher {
  constructor(
    private readonly tasks: Pick<TasksTable, "accept" | "finish">,
    private readonly leases: Pick<ThreadLeases, "readHolder">,
    private readonly runtime: Pick<AgentRuntime, "invoke">,
    private readonly watches: Pick<AgentWatches, "put">,
    private readonly errors: Pick<NoticesTopic, "publish">,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Deals with one message; whatever is thrown brings it again. Throws `BadRequest` for what is no task. */
  async handle({ body, messageAttributes }: TaskMessage): Promise<void> {
    const handovers = Number(messageAttributes?.[HANDOVERS]?.stringValue ?? 0);
    const task = await this.tasks.accept(parseTaskRequest(body), this.nowMs());
    this.log.debug("task", { id: task.id, state: task.state, handovers });
    if (isEnded(task)) return;
    const holder = await this.leases.readHolder(buildThreadKey(task), this.nowMs());
    if (holder === task.id) return this.watches.put(body, handovers, WATCH_SECONDS);
    if (holder !== undefined) return this.handOver(task, body, handovers);
    if (handovers >= MAX_HANDOVERS) return this.fail(task);
    return this.handOver(task, body, handovers + 1);
  }

  /** While another task has the thread, the session waits for it, which does not count. A session that lives takes it as the same task. */
  private async handOver(task: Task, body: string, handovers: number): Promise<void> {
    await this.runtime.invoke(task.id, body);
    await this.watches.put(body, handovers, WATCH_SECONDS);
    this.log.info("handed over", { id: task.id, handovers });
  }

  /** Tells first: a task that has ended would not come again to be told. */
  private async fail(task: Task): Promise<void> {
    const error = `The agent was lost ${MAX_HANDOVERS} times while it worked on this.`;
    await this.errors.publish({
      id: `${task.id}-lost`,
      outcome: "error",
      title: "An agent's task failed",
      text: `${error} The task: ${task.text}`,
      channel: task.channel,
      ...(task.threadTs === undefined ? {} : { threadTs: task.threadTs }),
    });
    await this.tasks.finish(task.id, { state: "failed", error }, this.nowMs());
  }
}

/** Creates the dispatcher; give its function 30 s. */
const createDispatcher = (settings: DispatcherSettings): ((event: { Records: TaskMessage[] }) => Promise<void>) => {
  const log = createLog("agent-dispatcher");
  const dispatcher = new Dispatcher(
    createTasksTable(settings.tasksTable, settings.activeIndex),
    new ThreadLeases(createDynamoDB("background"), settings.tasksTable),
    createAgentRuntime(settings.runtimeArn),
    createAgentWatches(settings.queueUrl),
    createNoticesTopic(settings.errorsTopicArn),
    log,
  );
  return async ({ Records }) => {
    // One at a time, by the mapping's batch size: a failure brings back its own message only.
    for (const record of Records) await dispatcher.handle(record);
  };
};

export type { DispatcherSettings };
export { createDispatcher, Dispatcher };
