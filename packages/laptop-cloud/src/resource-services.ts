import type { ServiceDefinition } from "./kernel/service";
import { resources as agentcore } from "./services/agentcore/resources";
import { resources as dynamodb } from "./services/dynamodb/resources";
import { resources as ecs } from "./services/ecs/resources";
import { resources as events } from "./services/events/resources";
import { resources as firehose } from "./services/firehose/resources";
import { resources as httpApi } from "./services/http-api/resources";
import { resources as iam } from "./services/iam/resources";
import { resources as kms } from "./services/kms/resources";
import { resources as lambda } from "./services/lambda/resources";
import { resources as logs } from "./services/logs/resources";
import { resources as monitoring } from "./services/monitoring/resources";
import { resources as s3 } from "./services/s3/resources";
import { resources as scheduler } from "./services/scheduler/resources";
import { resources as secretsManager } from "./services/secrets/resources";
import { resources as sns } from "./services/sns/resources";
import { resources as sqs } from "./services/sqs/resources";
import { resources as ssm } from "./services/ssm/resources";
import { resources as states } from "./services/states/resources";

/** The part of a service that a run of the program needs. The service itself would take longer to load. */
type ResourceService = Pick<ServiceDefinition, "resources">;

/** Every resource type that the laptop cloud imitates belongs to one of these. */
const resourceServices: ResourceService[] = [
  iam,
  logs,
  ssm,
  kms,
  secretsManager,
  dynamodb,
  sqs,
  sns,
  monitoring,
  s3,
  firehose,
  lambda,
  agentcore,
  states,
  scheduler,
  events,
  httpApi,
  ecs,
].map(resources => ({ resources }));

export type { ResourceService };
export { resourceServices };
