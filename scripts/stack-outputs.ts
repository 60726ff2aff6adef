/** What operators' commands work on: a stack's outputs, and how to reach its AWS. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The part of the stack's outputs that operators' commands work on. */
interface StackOutputs {
  messagesTopicArn: string;
  seenTable: string;
  /** Tables that rows of earlier releases lie in; a stack of such a release names the first alone. */
  wordsTable?: string;
  boardsTable?: string;
  filesTable?: string;
  /** The workspace that is served, where it is configured. */
  teamId?: string;
  /** How long the table `seen` keeps messages, hours. */
  keptHours: number;
  /** Those who get messages, by name. */
  subscribers: Record<string, Redrivable>;
  /** All whose failures end among dead letters, by name; subscribers are among them. */
  redrivables: Record<string, Redrivable>;
}

/** A function that events are handed to, or a queue that they wait in. */
type Redrivable = { deadLettersUrl: string } & ({ functionName: string } | { queueUrl: string });

interface OperatedStack {
  outputs: StackOutputs;
  /** Configuration of every AWS client: empty for AWS itself, whose settings come from the environment. */
  client: { endpoint?: string; region?: string; credentials?: { accessKeyId: string; secretAccessKey: string } };
  /** Slack's Web API; the laptop has its own. */
  slackApiUrl: string;
  /** The stack's time: the laptop's can be moved. */
  readNowMs: () => Promise<number>;
}

/** The part of the laptop cloud's addresses that operators' commands use. */
interface Endpoints {
  outputs: StackOutputs;
  aws: string;
  slack: string;
  page: string;
  region: string;
}

/**
 * Finds a stack's outputs: `local` is the laptop cloud that runs now, any other name is asked of the Pulumi CLI.
 *
 * Throws with a sentence when there is no such stack to be found.
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
    throw new Error(`The outputs of stack ${JSON.stringify(stack)} can't be read: ${why}.`);
  }
};

const readClock = async (page: string): Promise<number> => {
  const { nowMs } = (await (await fetch(`${page}/control/clock`)).json()) as { nowMs: number };
  return nowMs;
};

/** Finds one of those that an output names. Throws with a sentence that names what there is. */
const findNamed = (known: Record<string, Redrivable>, name = "", otherwise: (quoted: string) => string): Redrivable => {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found === undefined) throw new Error(`${otherwise(JSON.stringify(name))}: want one of ${Object.keys(known).join(", ")}.`);
  return found;
};

const findSubscriber = ({ subscribers }: StackOutputs, name: string | undefined) =>
  findNamed(subscribers, name, quoted => `There is no subscriber ${quoted}`);

const findRedrivable = ({ redrivables }: StackOutputs, name: string | undefined) =>
  findNamed(redrivables, name, quoted => `Nothing called ${quoted} has dead letters`);

export type { OperatedStack, Redrivable, StackOutputs };
export { findRedrivable, findSubscriber, readStack };
