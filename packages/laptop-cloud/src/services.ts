import { createSlack } from "../../pretend-slack/src";
import { createTrello } from "../../pretend-slack/src/trello";
import { createControls } from "./controls";
import type { Program } from "./kernel/program";
import type { ServiceDefinition } from "./kernel/service";
import { createPage } from "./page";
import { dynamodb } from "./services/dynamodb";
import { ecs } from "./services/ecs";
import { httpApi } from "./services/http-api";
import { iam } from "./services/iam";
import { lambda } from "./services/lambda";
import { logs } from "./services/logs";
import { mail } from "./services/mail";
import { monitoring } from "./services/monitoring";
import { s3 } from "./services/s3";
import { scheduler } from "./services/scheduler";
import { sns } from "./services/sns";
import { sqs } from "./services/sqs";
import { ssm } from "./services/ssm";
import { states } from "./services/states";
import { sts } from "./services/sts";

/**
 * Everything that the laptop cloud imitates, in the order in which it starts: what others call comes first, and stops last.
 *
 * `program` gives what the program said once it has run.
 */
const createDefinitions = (program: () => Program): ServiceDefinition[] => [
  iam,
  sts,
  logs,
  ssm,
  dynamodb,
  sqs,
  mail,
  sns,
  monitoring,
  s3,
  lambda,
  states,
  scheduler,
  httpApi,
  createSlack(program),
  createTrello(program),
  // After what containers talk to: they hand back what they are at when they are stopped.
  ecs,
  createControls(program),
  createPage(),
];

export { createDefinitions };
