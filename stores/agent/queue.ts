/** The queue `agent-tasks`. A worker extends the visibility timeout of a message while it works on the task. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { buildTurn } from "#stores/agent/turns";
import { PATIENT_LIMITS } from "#stores/request-limits";

/** A received message. */
interface Received {
  body: string;
  /** Receipt handle; each receive has its own. */
  handle: string;
  /** Starts at 1, for a copy too. */
  receiveCount: number;
  /** X-Ray's header of the sender. */
  traceHeader?: string;
}

const POLL_SECONDS = 20;
/** Above the 20 s of a long poll. */
const REQUEST_LIMITS = { connectionTimeout: 1000, requestTimeout: 25_000, throwOnRequestTimeout: true };
/** The most messages of one receive. */
const MAX_MESSAGES = 10;

class AgentQueue {
  constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
  ) {}

  /** Receives up to `limit` messages with a visibility timeout of `visibilitySeconds`. Waits up to 20 s for the first one. */
  async receive(limit: number, visibilitySeconds: number, signal: AbortSignal): Promise<Received[]> {
    const { Messages = [] } = await this.client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.queueUrl,
        MaxNumberOfMessages: Math.min(limit, MAX_MESSAGES),
        WaitTimeSeconds: POLL_SECONDS,
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: ["ApproximateReceiveCount", "AWSTraceHeader"],
      }),
      { abortSignal: signal },
    );
    return Messages.map(({ Body = "", ReceiptHandle = "", Attributes = {} }) => ({
      body: Body,
      handle: ReceiptHandle,
      receiveCount: Number(Attributes["ApproximateReceiveCount"] ?? 1),
      ...(Attributes["AWSTraceHeader"] === undefined ? {} : { traceHeader: Attributes["AWSTraceHeader"] }),
    }));
  }

  /** Sets the visibility timeout of a message to `seconds` from now. */
  async extend(handle: string, seconds: number): Promise<void> {
    await this.client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: this.queueUrl, ReceiptHandle: handle, VisibilityTimeout: seconds }),
    );
  }

  /** Sends a task. */
  async send(body: string): Promise<void> {
    await this.copy({ body });
  }

  /** Sends a copy of a message, whose receive count starts again. */
  async copy({ body, traceHeader }: Pick<Received, "body" | "traceHeader">, delaySeconds = 0): Promise<void> {
    await this.client.send(
      new SendMessageCommand({
        QueueUrl: this.queueUrl,
        MessageBody: body,
        ...buildTurn(body),
        ...(delaySeconds === 0 ? {} : { DelaySeconds: delaySeconds }),
        ...(traceHeader === undefined
          ? {}
          : { MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: traceHeader } } }),
      }),
    );
  }

  async delete(handle: string): Promise<void> {
    await this.client.send(new DeleteMessageCommand({ QueueUrl: this.queueUrl, ReceiptHandle: handle }));
  }
}

const createAgentQueueClient = (): SQSClient => new SQSClient({ maxAttempts: 3, requestHandler: REQUEST_LIMITS });

/** Creates the store and its client, for a sender. */
const createAgentQueue = (queueUrl: string): AgentQueue =>
  new AgentQueue(new SQSClient({ maxAttempts: 3, requestHandler: PATIENT_LIMITS }), queueUrl);

export type { Received };
export { AgentQueue, createAgentQueue, createAgentQueueClient };
