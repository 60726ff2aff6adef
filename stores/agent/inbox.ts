/** Sends requests to the queue `agent-tasks` on the ack path. */
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { buildTurn } from "#stores/agent/turns";
import { ACK_LIMITS } from "#stores/request-limits";

class AgentInbox {
  constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
  ) {}

  /** Sends a request. Throws `NotDurable`. If the request was sent all the same, sending it again makes the same task. */
  async send(envelope: string, deadline: Deadline): Promise<void> {
    try {
      const command = new SendMessageCommand({ QueueUrl: this.queueUrl, MessageBody: envelope, ...buildTurn(envelope) });
      await this.client.send(command, { abortSignal: deadline.signal() });
    } catch (cause) {
      throw new NotDurable("The request could not be put into the queue.", { cause });
    }
  }
}

const createAgentInbox = (queueUrl: string): AgentInbox =>
  new AgentInbox(new SQSClient({ maxAttempts: 2, requestHandler: ACK_LIMITS }), queueUrl);

export { AgentInbox, createAgentInbox };
