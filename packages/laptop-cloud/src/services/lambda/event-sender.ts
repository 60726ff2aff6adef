import { AwsError } from "../../kernel/aws-error";
import type { RoleCaller } from "../../kernel/caller";
import type { Cloud } from "../../kernel/service";
import type { DeployedFunction } from "./deployed-function";
import { buildDeadLetterAttributes, buildInvocationRecord, type Condition, type QueuedEvent } from "./event-outcome";
import type { InvocationOutcome } from "./execution-environment";

/** The delay before each attempt to reach a target that is throttled or fails. */
const SEND_DELAYS_MS = [0, 1000, 10_000, 60_000];

/** A finished event on its way to a target. */
interface Delivery {
  arn: string;
  body: string;
  /** Message attributes of SQS and SNS. */
  attributes: object;
}

/** Sends finished events to the function's destinations, and failed ones to its dead-letter queue. */
class EventSender {
  constructor(private readonly cloud: Cloud) {}

  /** Never rejects. An event that can't be sent is lost, as on AWS, but it is logged and recorded. */
  async send(deployed: DeployedFunction, event: QueuedEvent, condition: Condition, outcome: InvocationOutcome | undefined) {
    const { configuration, eventInvoke } = deployed;
    const destination = condition === "Success" ? eventInvoke?.onSuccessArn : eventInvoke?.onFailureArn;
    if (destination !== undefined) {
      const record = buildInvocationRecord({ event, functionArn: configuration.arn, condition, outcome, nowMs: this.cloud.clock.nowMs() });
      await this.#deliver(deployed, event, condition, { arn: destination, body: JSON.stringify(record), attributes: {} });
    }
    if (condition === "Success") return;
    if (configuration.deadLetterArn !== undefined) {
      const attributes = buildDeadLetterAttributes(event, outcome);
      await this.#deliver(deployed, event, condition, { arn: configuration.deadLetterArn, body: event.payload, attributes });
    }
    if (destination === undefined && configuration.deadLetterArn === undefined) {
      console.error(
        `"${configuration.label}" failed on event ${event.requestId} (${condition}), which is lost: it has no dead-letter queue.`,
      );
    }
  }

  async #deliver(deployed: DeployedFunction, event: QueuedEvent, condition: Condition, delivery: Delivery) {
    const { arn } = delivery;
    const { label, roleArn } = deployed.configuration;
    const error = await this.#try(delivery, {
      kind: "role",
      roleArn,
      principal: "lambda.amazonaws.com",
      trace: event.trace,
    });
    if (error !== undefined) console.error(`"${label}" could not hand event ${event.requestId} (${condition}) to ${arn}: ${error.message}`);
    this.cloud.occurrences.record({
      atMs: this.cloud.clock.nowMs(),
      kind: condition === "Success" ? "deliver" : "dead-letter",
      trace: event.trace,
      from: label,
      to: this.cloud.inventory.byArn(arn)?.name ?? arn,
      detail: { requestId: event.requestId, condition, ...(error === undefined ? {} : { error: error.message }) },
    });
  }

  async #try(delivery: Delivery, role: RoleCaller): Promise<Error | undefined> {
    let last: Error | undefined;
    for (const waitMs of SEND_DELAYS_MS) {
      if (waitMs > 0) await this.cloud.clock.wait(waitMs);
      try {
        await this.#sendOnce(delivery, role);
        return undefined;
      } catch (error) {
        last = error as Error;
        if (!isTemporary(error)) break;
      }
    }
    return last;
  }

  #sendOnce({ arn, body, attributes }: Delivery, role: RoleCaller): Promise<unknown> {
    const [, , service, , account, name] = arn.split(":");
    switch (service) {
      case "sqs": {
        const QueueUrl = `${this.cloud.place.awsUrl}/${account}/${name}`;
        return this.cloud.call("sqs", "SendMessage", { QueueUrl, MessageBody: body, MessageAttributes: attributes }, role);
      }
      case "sns":
        return this.cloud.call("sns", "Publish", { TopicArn: arn, Message: body, MessageAttributes: attributes }, role);
      default:
        return this.cloud.call("lambda", "Invoke", { FunctionName: arn, InvocationType: "Event", Payload: body }, role);
    }
  }
}

/** Throttling and server errors are temporary; a missing grant or queue is not. */
const isTemporary = (error: unknown) =>
  error instanceof AwsError && (error.status >= 500 || error.status === 429 || /throttl/i.test(error.code));

export { EventSender };
