/** What the operator's commands need: a stack's outputs, and how to reach its AWS. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readStackConfig } from "@slack-fanout/laptop-cloud/program/config";
import { parse } from "yaml";
import type { KeyLayout } from "#core/message/count-keys";
import type { TeamTables } from "#stores/slack/team-rows";
import { UsageError } from "./command-line";
import { root } from "./write-files";

/** The stack outputs that the operator's commands use. */
interface StackOutputs {
  /** A stack that publishes no messages has no topic, and no subscribers. */
  messagesTopicArn: string;
  seenTable: string;
  /** Tables that may have rows of earlier releases. A stack of an earlier release has only the first output. */
  wordsTable?: string;
  boardsTable?: string;
  filesTable?: string;
  /** Where the data of workspaces is; only in a stack that serves many. */
  installationsTable?: string;
  /** The KMS key of the installations' tokens. */
  tokenKeyArn?: string;
  teamData?: { tables: TeamTables; archiveBucket?: string };
  /** How the keys of the counters are laid out. */
  keyLayout?: KeyLayout;
  /** The configured workspace, if any. */
  teamId?: string;
  /** With what the names of the functions' log groups begin. */
  logPrefix: string;
  /** How long the table `seen` keeps messages, in hours. */
  keptHours: number;
  /** The archive of messages, if there is one, and how long it keeps them. */
  messageArchiveBucket?: string;
  messageArchiveDays?: number;
  /** The KMS key of the keys of workspaces in it; only in a stack that serves many. */
  messageArchiveKeyArn?: string;
  /** The subscribers, by name. */
  subscribers: Record<string, Redrivable>;
  /** Everything with a dead-letter queue, by name; includes the subscribers. */
  redrivables: Record<string, Redrivable>;
  /** Addresses of the doors. What is off has none. */
  url: string;
  webhookUrl?: string;
  eventsUrl: string;
  commandsUrl: string;
  interactionsUrl: string;
  apiUrl?: string;
  mcpUrl?: string;
  successesTopicArn: string;
  errorsTopicArn: string;
  rawDataBucket?: string;
  processedDataBucket?: string;
  paystubsBucket?: string;
  reportsBucket?: string;
  payrollStateMachineArn?: string;
  /** What was pasted at api.slack.com, if the app was made from it. */
  slackManifest: { oauth_config?: { scopes?: { bot?: string[] } } };
}

/** A function to invoke with an event, a queue to send a message to (`isRaw`: as it was published), or a delivery stream to put a record into. */
type Redrivable = { deadLettersUrl: string } & (
  | { functionName: string }
  | { queueUrl: string; isRaw?: boolean; functionName?: string }
  | { streamName: string }
);

interface OperatedStack {
  outputs: StackOutputs;
  /** Configuration of every AWS client. Empty for AWS itself, whose settings come from the environment. */
  client: { endpoint?: string; region?: string; credentials?: { accessKeyId: string; secretAccessKey: string } };
  /** Slack's Web API; the laptop has its own. */
  slackApiUrl: string;
  /** The stack's time. The laptop's time can be moved. */
  readNowMs: () => Promise<number>;
  /** The laptop's page, which has the controls. A deployed stack has none. */
  page?: string;
  /** Reads the stack's settings as texts, secrets included. Keys that are not set are left out. */
  readConfig: () => Record<string, string>;
}

/** The part of `endpoints.json` that the operator's commands use. */
interface Endpoints {
  outputs: StackOutputs;
  aws: string;
  slack: string;
  page: string;
  region: string;
}

/**
 * Reads a stack's outputs: `local` is the running laptop cloud; the Pulumi CLI knows all others.
 *
 * Throws with a sentence if there is no such stack.
 */
const readStack = (stack: string, environment: NodeJS.ProcessEnv = process.env): OperatedStack => {
  if (stack !== "local") {
    return {
      outputs: readOutputs(stack, environment),
      client: {},
      slackApiUrl: "https://slack.com/api/",
      readNowMs: async () => Date.now(),
      readConfig: () => readDeployedConfig(stack, environment),
    };
  }
  const file = join(environment["LOCAL_DIR"] || ".local", "endpoints.json");
  if (!existsSync(file)) throw new Error(`${file} is missing: start the laptop cloud with npm start, or name a stack with --stack.`);
  const { outputs, aws, slack, page, region } = JSON.parse(readFileSync(file, "utf8")) as Endpoints;
  const client = { endpoint: aws, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  return {
    outputs,
    client,
    slackApiUrl: `${slack}/api/`,
    readNowMs: () => readClock(page),
    page,
    readConfig: () => readOwn(readStackConfig(root, "local", { slack }).values),
  };
};

const readOutputs = (stack: string, env: NodeJS.ProcessEnv): StackOutputs =>
  askPulumi<StackOutputs>(`the outputs of stack ${JSON.stringify(stack)}`, ["stack", "output", "--json", "--stack", stack], env);

/** Source: https://www.pulumi.com/docs/iac/cli/commands/pulumi_config/ */
const readDeployedConfig = (stack: string, env: NodeJS.ProcessEnv): Record<string, string> => {
  const what = `the settings of stack ${JSON.stringify(stack)}`;
  const settings = askPulumi<Record<string, { value?: string }>>(what, ["config", "--show-secrets", "--json", "--stack", stack], env);
  return readOwn(Object.fromEntries(Object.entries(settings).map(([key, { value = "" }]) => [key, value])));
};

/** Keeps the settings of this project, without its name. Pulumi.yaml gives optional keys an empty default, which means "not set". */
const readOwn = (values: Record<string, string>): Record<string, string> => {
  const { name } = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as { name: string };
  const own = Object.entries(values).filter(([key, value]) => key.startsWith(`${name}:`) && value !== "");
  return Object.fromEntries(own.map(([key, value]) => [key.slice(name.length + 1), value]));
};

const askPulumi = <Answer>(what: string, args: string[], env: NodeJS.ProcessEnv): Answer => {
  try {
    return JSON.parse(execFileSync("pulumi", args, { encoding: "utf8", env, stdio: "pipe" })) as Answer;
  } catch (error) {
    const { code, stderr = "", message } = error as Error & { code?: string; stderr?: string };
    if (code === "ENOENT") throw new Error(`Can't read ${what}: the Pulumi CLI is not installed.`);
    // The error of `JSON.parse` quotes the text, which may have secrets.
    const why = error instanceof SyntaxError ? "the Pulumi CLI's answer is not JSON" : stderr.trim() || message;
    throw new Error(`Can't read ${what}: ${why}.`);
  }
};

const readClock = async (page: string): Promise<number> => {
  const { nowMs } = (await (await fetch(`${page}/control/clock`)).json()) as { nowMs: number };
  return nowMs;
};

/** Finds an entry by name. Throws `UsageError`, which lists the names. */
const findNamed = (known: Record<string, Redrivable>, name = "", otherwise: (quoted: string) => string): Redrivable => {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found === undefined) throw new UsageError(`${otherwise(JSON.stringify(name))}. Choose from ${Object.keys(known).join(", ")}.`);
  return found;
};

const findSubscriber = ({ subscribers }: StackOutputs, name: string | undefined) =>
  findNamed(subscribers, name, quoted => `There is no subscriber ${quoted}`);

const findRedrivable = ({ redrivables }: StackOutputs, name: string | undefined) =>
  findNamed(redrivables, name, quoted => `Nothing called ${quoted} has dead letters`);

export type { OperatedStack, Redrivable, StackOutputs };
export { findRedrivable, findSubscriber, readStack };
