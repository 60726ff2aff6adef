/** The agent's process: reads its environment, works on tasks, and hands them all back on SIGTERM. */
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { AgentBusy } from "#core/agent/thread";
import { createLog, type Log } from "#core/log";
import { readParameter } from "#stores/agent/parameters";
import { AgentQueue, createAgentQueueClient } from "#stores/agent/queue";
import { TokenBudget } from "#stores/agent/token-budget";
import { createDynamoDB } from "#stores/aws-clients";
import type { AgentWorker } from "./agent-worker";
import { AgentCoreServer } from "./agentcore";
import type { Brain } from "./brain";
import { BedrockBrain } from "./brains/bedrock";
import { ScriptedBrain } from "./brains/scripted";
import { buildWorker } from "./build-worker";
import { continueTrace } from "./trace";

type Environment = Record<string, string | undefined>;

/** A model's answer may take minutes. Without throwOnRequestTimeout the SDK only logs a warning when time is up, and keeps waiting. */
const BEDROCK_LIMITS = { connectionTimeout: 5000, requestTimeout: 300_000, throwOnRequestTimeout: true };
/** The most tokens of one answer of a model, by default. */
const MAX_TOKENS = 4096;
const AGENTCORE_PORT = 8080;

/** Reads a required variable. The error names it. */
const requireVariable = (environment: Environment, name: string): string => {
  const value = environment[name];
  if (value === undefined || value === "") throw new Error(`The environment variable ${name} is missing.`);
  return value;
};

/** Reads a variable as a whole number from 1. The error names the variable and quotes its value. */
const readCount = (environment: Environment, name: string): number => {
  const text = requireVariable(environment, name);
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new Error(`${name} is "${text}", but must be a whole number from 1.`);
  return Number(text);
};

const readBusy = (environment: Environment): AgentBusy => {
  const busy = environment["AGENT_BUSY"] ?? "queue";
  if (busy !== "queue" && busy !== "steer" && busy !== "interrupt")
    throw new Error(`AGENT_BUSY is "${busy}", but must be queue, steer or interrupt.`);
  return busy;
};

/** Reads a variable as a number; undefined if it is empty. */
const readNumber = (environment: Environment, name: string): number | undefined => {
  const text = environment[name] ?? "";
  if (text === "") return undefined;
  if (!/^[0-9]+(?:\.[0-9]+)?$/.test(text)) throw new Error(`${name} is "${text}", but must be a number.`);
  return Number(text);
};

const createBrain = (environment: Environment, dynamodb: DynamoDBClient, log: Log): Brain => {
  const name = environment["BRAIN"] ?? "scripted";
  if (name === "scripted") return new ScriptedBrain();
  if (name !== "bedrock") throw new Error(`BRAIN is "${name}", but must be scripted or bedrock.`);
  const client = new BedrockRuntimeClient({ maxAttempts: 5, requestHandler: BEDROCK_LIMITS });
  client.middlewareStack.use(continueTrace);
  const settings = {
    modelId: requireVariable(environment, "MODEL_ID"),
    prompt: environment["AGENT_PROMPT"] ?? "",
    temperature: readNumber(environment, "TEMPERATURE"),
    maxTokens: readNumber(environment, "MAX_TOKENS") ?? MAX_TOKENS,
    guardrail: environment["GUARDRAIL"] || undefined,
    tokensPerTask: readNumber(environment, "TOKENS_PER_TASK") ?? 0,
  };
  const budget = new TokenBudget(dynamodb, requireVariable(environment, "TASKS_TABLE"), readNumber(environment, "TOKENS_PER_DAY") ?? 0);
  return new BedrockBrain({ client, settings, budget, log });
};

/** Reads the gateway's token. ECS puts it into a variable; AgentCore can't inject secrets, so there the worker reads the parameter itself. */
const readMcpToken = async (environment: Environment): Promise<string> => {
  const parameter = environment["MCP_TOKEN_PARAMETER"];
  return parameter === undefined ? requireVariable(environment, "MCP_TOKEN") : readParameter(parameter);
};

const createQueue = (environment: Environment): AgentQueue => {
  const client = createAgentQueueClient();
  client.middlewareStack.use(continueTrace);
  return new AgentQueue(client, requireVariable(environment, "QUEUE_URL"));
};

/** Creates the worker from its environment. The error names the variable that is missing or wrong. */
const createWorker = (environment: Environment, queue: AgentQueue, log: Log): AgentWorker => {
  const dynamodb = createDynamoDB("background");
  dynamodb.middlewareStack.use(continueTrace);
  const settings = {
    tasksTable: requireVariable(environment, "TASKS_TABLE"),
    gatewayUrl: requireVariable(environment, "MCP_URL"),
    token: requireVariable(environment, "MCP_TOKEN"),
    tasksPerUser: readCount(environment, "TASKS_PER_USER"),
    // Only where the stack serves many workspaces.
    tasksPerTeam: environment["TASKS_PER_TEAM"] === undefined ? undefined : readCount(environment, "TASKS_PER_TEAM"),
    busy: readBusy(environment),
  };
  return buildWorker(settings, { dynamodb, queue, brain: createBrain(environment, dynamodb, log), log });
};

/** Resolves at the first SIGTERM or SIGINT. */
const waitForSignal = (): Promise<string> =>
  new Promise(resolve => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });

const main = async (environment: Environment = process.env): Promise<void> => {
  const log = createLog("agent", environment);
  const signalled = waitForSignal();
  const queue = createQueue(environment);
  const worker = createWorker({ ...environment, MCP_TOKEN: await readMcpToken(environment) }, queue, log);
  const mode = environment["AGENT_MODE"] ?? "queue";
  if (mode !== "queue" && mode !== "agentcore") throw new Error(`AGENT_MODE is "${mode}", but must be queue or agentcore.`);
  const server = mode === "agentcore" ? new AgentCoreServer(worker, queue, log) : undefined;
  const host = environment["HOST"] ?? "127.0.0.1";
  await server?.start({ host, port: Number(environment["PORT"] ?? AGENTCORE_PORT) });
  const running = server === undefined ? worker.run() : Promise.resolve();
  log.info("the agent is ready", { mode });
  log.info("the agent shuts down", { signal: await signalled });
  await Promise.all([server?.stop(), worker.stop(), running]);
  log.info("the agent ends");
};

if (require.main === module) {
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      createLog("agent").error("the agent could not start", error);
      process.exit(1);
    },
  );
}

export { createWorker };
