/** The agent's container service on Fargate, and the queue that it consumes. */
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { ClusterName, QueueUrl } from "#core/named";
import { PATIENT_LIMITS } from "#stores/request-limits";

interface AgentServiceSettings {
  cluster: ClusterName;
  service: string;
  queueUrl: QueueUrl;
}

class AgentService {
  constructor(
    private readonly ecs: ECSClient,
    private readonly sqs: SQSClient,
    private readonly settings: AgentServiceSettings,
  ) {}

  /** Counts the messages that wait for a worker. SQS may lag by a minute. */
  async countWaiting(): Promise<number> {
    const command = new GetQueueAttributesCommand({
      QueueUrl: this.settings.queueUrl,
      AttributeNames: ["ApproximateNumberOfMessages"],
    });
    const { Attributes } = await this.sqs.send(command);
    return Number(Attributes?.["ApproximateNumberOfMessages"] ?? 0);
  }

  async readDesiredCount(): Promise<number> {
    const { cluster, service } = this.settings;
    const { services = [] } = await this.ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
    const [found] = services;
    if (found?.desiredCount === undefined) throw new Error(`The service ${service} was not found in the cluster ${cluster}.`);
    return found.desiredCount;
  }

  async setDesiredCount(desiredCount: number): Promise<void> {
    const { cluster, service } = this.settings;
    await this.ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
  }
}

/** Creates the store and its clients. */
const createAgentService = (settings: AgentServiceSettings): AgentService => {
  const limits = { maxAttempts: 2, requestHandler: PATIENT_LIMITS };
  return new AgentService(new ECSClient(limits), new SQSClient(limits), settings);
};

export type { AgentServiceSettings };
export { AgentService, createAgentService };
