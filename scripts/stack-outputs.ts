import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The part of the stack's outputs that operators' commands work on. */
interface StackOutputs {
  messagesTopicArn: string;
  seenTable: string;
  /** How long the table `seen` keeps messages, hours. */
  keptHours: number;
  subscribers: Record<string, Subscriber>;
}

/** A function that messages are handed to, or a queue that they wait in. */
type Subscriber = { deadLettersUrl: string } & ({ functionName: string } | { queueUrl: string });

interface OperatedStack {
  outputs: StackOutputs;
  /** Configuration of every AWS client: empty for AWS itself, whose settings come from the environment. */
  client: { endpoint?: string; region?: string; credentials?: { accessKeyId: string; secretAccessKey: string } };
}

/**
 * Finds a stack's outputs: `local` is the laptop cloud that runs now, any other name is asked of the Pulumi CLI.
 *
 * Throws with a sentence when there is no such stack to be found.
 */
const readStack = (stack: string, environment: NodeJS.ProcessEnv = process.env): OperatedStack => {
  if (stack !== "local") {
    const json = execFileSync("pulumi", ["stack", "output", "--json", "--stack", stack], { encoding: "utf8" });
    return { outputs: JSON.parse(json) as StackOutputs, client: {} };
  }
  const file = join(environment["LOCAL_DIR"] || ".local", "endpoints.json");
  if (!existsSync(file)) throw new Error(`${file} is missing: start the laptop cloud with npm start, or name a stack with --stack.`);
  const { outputs, aws, region } = JSON.parse(readFileSync(file, "utf8")) as { outputs: StackOutputs; aws: string; region: string };
  return { outputs, client: { endpoint: aws, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } } };
};

/** Throws with a sentence that names the subscribers that there are. */
const findSubscriber = ({ subscribers }: StackOutputs, name: string | undefined): Subscriber => {
  const subscriber = name === undefined ? undefined : subscribers[name];
  if (subscriber === undefined)
    throw new Error(`There is no subscriber ${JSON.stringify(name ?? "")}: want one of ${Object.keys(subscribers).join(", ")}.`);
  return subscriber;
};

export type { OperatedStack, StackOutputs, Subscriber };
export { findSubscriber, readStack };
