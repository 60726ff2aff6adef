/** What the operator's commands need: a stack's outputs, and how to reach its AWS. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyLayout } from "#core/message/count-keys";
import { UsageError } from "./command-line";

/** The stack outputs that the operator's commands use. */
interface StackOutputs {
  /** A stack that publishes no messages has no topic, and no subscribers. */
  messagesTopicArn: string;
  seenTable: string;
  /** Tables that may have rows of earlier releases. A stack of an earlier release has only the first output. */
  wordsTable?: string;
  boardsTable?: string;
  filesTable?: string;
  /** How the keys of the counters are laid out. */
  keyLayout?: KeyLayout;
  /** The configured workspace, if any. */
  teamId?: string;
  /** How long the table `seen` keeps messages, in hours. */
  keptHours: number;
  /** The subscribers, by name. */
  subscribers: Record<string, Redrivable>;
  /** Everything with a dead-letter queue, by name; includes the subscribers. */
  redrivables: Record<string, Redrivable>;
}

/** A function to invoke with an event, or a queue to send a message to. */
type Redrivable = { deadLettersUrl: string } & ({ functionName: string } | { queueUrl: string });

interface OperatedStack {
  outputs: StackOutputs;
  /** Configuration of every AWS client. Empty for AWS itself, whose settings come from the environment. */
  client: { endpoint?: string; region?: string; credentials?: { accessKeyId: string; secretAccessKey: string } };
  /** Slack's Web API; the laptop has its own. */
  slackApiUrl: string;
  /** The stack's time. The laptop's time can be moved. */
  readNowMs: () => Promise<number>;
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
    };
  }
  const file = join(environment["LOCAL_DIR"] || ".local", "endpoints.json");
  if (!existsSync(file)) throw new Error(`${file} is missing: start the laptop cloud with npm start, or name a stack with --stack.`);
  const { outputs, aws, slack, page, region } = JSON.parse(readFileSync(file, "utf8")) as Endpoints;
  const client = { endpoint: aws, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  return { outputs, client, slackApiUrl: `${slack}/api/`, readNowMs: () => readClock(page) };
};

const readOutputs = (stack: string, env: NodeJS.ProcessEnv): StackOutputs => {
  try {
    const json = execFileSync("pulumi", ["stack", "output", "--json", "--stack", stack], { encoding: "utf8", env, stdio: "pipe" });
    return JSON.parse(json) as StackOutputs;
  } catch (error) {
    const { code, stderr = "", message } = error as Error & { code?: string; stderr?: string };
    const why = code === "ENOENT" ? "the Pulumi CLI is not installed" : stderr.trim() || message;
    throw new Error(`Can't read the outputs of stack ${JSON.stringify(stack)}: ${why}.`);
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
