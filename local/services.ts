import { createControls } from "./controls";
import { dynamodb } from "./dynamodb";
import { ecs } from "./ecs";
import { httpApi } from "./http-api";
import { iam } from "./iam";
import type { Program } from "./kernel/program";
import type { ServiceDefinition } from "./kernel/service";
import { lambda } from "./lambda";
import { logs } from "./logs";
import { mail } from "./mail";
import { monitoring } from "./monitoring";
import { createPage } from "./page";
import { s3 } from "./s3";
import { scheduler } from "./scheduler";
import { createSlack } from "./slack";
import { sns } from "./sns";
import { sqs } from "./sqs";
import { ssm } from "./ssm";
import { states } from "./states";
import { sts } from "./sts";
import { createTrello } from "./trello";

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
