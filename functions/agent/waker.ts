/** Starts the agent's first container when tasks wait and none runs. */
import type { Log } from "#core/log";
import type { AgentService } from "#stores/agent/service";

/**
 * Autoscaling does the same with an alarm on the queue's metrics. But SQS stops reporting metrics after six hours without a message, and then
 * needs up to 15 minutes to resume.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
 */
class AgentWaker {
  constructor(
    private readonly service: Pick<AgentService, "countWaiting" | "readDesiredCount" | "setDesiredCount">,
    private readonly log: Pick<Log, "info">,
  ) {}

  /** Does nothing if the service has containers: autoscaling handles those. */
  async handle(): Promise<void> {
    const waiting = await this.service.countWaiting();
    if (waiting === 0 || (await this.service.readDesiredCount()) > 0) return;
    await this.service.setDesiredCount(1);
    this.log.info("agent started", { waiting });
  }
}

export { AgentWaker };
