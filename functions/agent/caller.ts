/** Works on tasks in a function: hands each to an agent of your own on AgentCore Runtime, and shows its answer. */

import type { AgentBusy } from "#core/agent/thread";
import { createLog } from "#core/log";
import type { HttpUrl, QueueUrl, RuntimeArn, TableName } from "#core/named";
import { AgentQueue, createAgentQueueClient } from "#stores/agent/queue";
import { createOwnAgent } from "#stores/agent/runtime";
import { createDynamoDB } from "#stores/aws-clients";
import type { AgentWorker } from "../../agent/agent-worker";
import { RuntimeBrain } from "../../agent/brains/runtime";
import { buildWorker } from "../../agent/build-worker";
import { QueueDelivery } from "../../agent/delivery";

interface CallerSettings {
  queueUrl: QueueUrl;
  tasksTable: TableName;
  runtimeArn: RuntimeArn;
  gatewayUrl: HttpUrl;
  busy: AgentBusy;
  /** How many tasks of one person run at a time. */
  tasksPerUser: number;
  /** How many tasks of one workspace run at a time. Undefined where the stack serves one workspace. */
  tasksPerTeam?: number | undefined;
}

/** The fields of an SQS message that the caller reads. */
interface TaskMessage {
  messageId: string;
  body: string;
  receiptHandle: string;
  attributes: { ApproximateReceiveCount: string };
}

/** The messages that the event source mapping must not delete. */
interface BatchResult {
  batchItemFailures: { itemIdentifier: string }[];
}

interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** Time to hand a task back before Lambda ends the invocation. Slack may want a wait of some seconds before the card changes. */
const HAND_BACK_MS = 30_000;

class AgentCaller {
  constructor(
    private readonly queue: AgentQueue,
    private readonly createWorker: () => Pick<AgentWorker, "take" | "finish" | "stop">,
  ) {}

  /**
   * Works on one task until it has ended, until it has to wait for its turn, or until the invocation's time is almost up. In the last case, the next
   * invocation goes on. Returns false if the message must stay in the queue. Throws `BadRequest` if it is not a task.
   */
  async handle({ body, receiptHandle, attributes }: TaskMessage, context: InvocationContext): Promise<boolean> {
    // Lambda continues the trace of the message here.
    const traceHeader = process.env["_X_AMZN_TRACE_ID"];
    const delivery = new QueueDelivery(this.queue, {
      body,
      handle: receiptHandle,
      receiveCount: Number(attributes.ApproximateReceiveCount),
      ...(traceHeader === undefined ? {} : { traceHeader }),
    });
    const worker = this.createWorker();
    worker.take(delivery);
    const timer = setTimeout(() => void worker.stop(), context.getRemainingTimeInMillis() - HAND_BACK_MS);
    await worker.finish().finally(() => clearTimeout(timer));
    return delivery.isDeleted;
  }
}

/** Creates the caller; its secret is `MCP_TOKEN`. Give its function Lambda's longest timeout, because it waits for the agent's answer. */
const create = (settings: CallerSettings): ((event: { Records: TaskMessage[] }, context: InvocationContext) => Promise<BatchResult>) => {
  const log = createLog("agent-caller");
  const dynamodb = createDynamoDB("background");
  const queue = new AgentQueue(createAgentQueueClient(), settings.queueUrl);
  const brain = new RuntimeBrain(createOwnAgent(settings.runtimeArn), log);
  const token = process.env["MCP_TOKEN"] ?? "";
  const caller = new AgentCaller(queue, () => buildWorker({ ...settings, token }, { dynamodb, queue, brain, log }));
  return async ({ Records }, context) => {
    const batchItemFailures: BatchResult["batchItemFailures"] = [];
    for (const record of Records) if (!(await caller.handle(record, context))) batchItemFailures.push({ itemIdentifier: record.messageId });
    return { batchItemFailures };
  };
};

export type { CallerSettings };
export { AgentCaller, create };
