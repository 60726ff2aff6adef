import { createControls } from "./controls";
import type { Program } from "./kernel/program";
import type { ServiceDefinition } from "./kernel/service";
import type { FindMap } from "./kernel/source-positions";
import { createPage, type PageOptions } from "./page-server";
import type { Plugin } from "./plugin";
import { agentcore } from "./services/agentcore";
import { dynamodb } from "./services/dynamodb";
import { ecs } from "./services/ecs";
import { events } from "./services/events";
import { firehose } from "./services/firehose";
import { httpApi } from "./services/http-api";
import { iam } from "./services/iam";
import { kms } from "./services/kms";
import { lambda } from "./services/lambda";
import { logs } from "./services/logs";
import { mail } from "./services/mail";
import { monitoring } from "./services/monitoring";
import { s3 } from "./services/s3";
import { scheduler } from "./services/scheduler";
import { secretsManager } from "./services/secrets";
import { sns } from "./services/sns";
import { sqs } from "./services/sqs";
import { ssm } from "./services/ssm";
import { states } from "./services/states";
import { sts } from "./services/sts";

/** The AWS services, except the containers'. */
const awsServices = [
  iam,
  sts,
  logs,
  ssm,
  kms,
  secretsManager,
  dynamodb,
  sqs,
  mail,
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
];

interface DefinitionOptions {
  program: () => Program;
  plugins: Plugin[];
  page: PageOptions;
  /** Finds the source maps of functions. */
  findMap: FindMap;
}

/** Every service in its start order; they stop in reverse. Containers come after what they call, because they call it while they stop. */
const createDefinitions = ({ program, plugins, page, findMap }: DefinitionOptions): ServiceDefinition[] => [
  ...awsServices,
  ...plugins.flatMap(plugin => plugin.createDefinitions(program)),
  ecs,
  createControls(program, findMap),
  createPage(page),
];

export { createDefinitions };
