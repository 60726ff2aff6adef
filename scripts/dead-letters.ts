/** `npm run dead-letters -- list | show | redrive | drop`: what failed after all retries, why, and what to do with it. */
import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { formatColumns } from "./checklist";
import { defineScript, type Result, runScript, UsageError } from "./command-line";
import { countLetters, Letters } from "./dead-letters/letters";
import { type ShownLetter, showLetter } from "./dead-letters/shown-letter";
import { Redrive } from "./redrive";
import { findRedrivable, type OperatedStack, type Redrivable, readStack } from "./stack-outputs";

/** How many dead letters of a source are read to find the oldest, or shown. */
const MAX_SHOWN = 100;

interface Listed {
  name: string;
  count: number;
  /** When the oldest came, ISO 8601; undefined if there is none. */
  oldest?: string | undefined;
  /** The state of the queue's alarms: `ALARM` if one of them is in that state. */
  alarm: string;
}

class DeadLetters {
  readonly #letters: Letters;

  constructor(
    sqs: SQSClient,
    private readonly redriving: Redrive,
    private readonly cloudwatch: CloudWatchClient,
  ) {
    this.#letters = new Letters(sqs);
  }

  async list(redrivables: Record<string, Redrivable>): Promise<Listed[]> {
    const alarms = await this.readAlarms();
    const listed: Listed[] = [];
    for (const [name, { deadLettersUrl }] of Object.entries(redrivables)) {
      const count = await this.#letters.count(deadLettersUrl);
      const letters = count === 0 ? [] : await this.show(deadLettersUrl, false);
      const [oldest] = letters.map(({ since }) => since).sort();
      listed.push({ name, count, oldest, alarm: alarms.get(deadLettersUrl.split("/").at(-1)!) ?? "none" });
    }
    return listed;
  }

  /** The states of alarms by the names of the queues that they watch. A queue has several, and the one that rings counts. */
  async readAlarms(): Promise<Map<string, string>> {
    const states = new Map<string, string>();
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: this.cloudwatch }, {}))
      for (const { Dimensions = [], StateValue = "" } of MetricAlarms)
        for (const { Name, Value = "" } of Dimensions)
          if (Name === "QueueName" && states.get(Value) !== "ALARM") states.set(Value, StateValue);
    return states;
  }

  /** Shows dead letters, oldest first: up to a hundred, or the one with this id. They stay in the queue. */
  async show(queueUrl: string, withPrivate: boolean, id?: string): Promise<ShownLetter[]> {
    const letters = await this.#letters.peek(queueUrl, id === undefined ? MAX_SHOWN : Number.POSITIVE_INFINITY);
    return letters
      .filter(({ MessageId }) => id === undefined || MessageId === id)
      .map(letter => showLetter(letter, withPrivate))
      .sort((one, other) => (one.since < other.since ? -1 : 1));
  }

  count({ deadLettersUrl }: Redrivable): Promise<number> {
    return this.#letters.count(deadLettersUrl);
  }

  redrive(redrivable: Redrivable, id?: string) {
    return this.redriving.run(redrivable, id);
  }

  /** Deletes dead letters, or the one with this id. Returns how many there were. */
  async drop({ deadLettersUrl }: Redrivable, id?: string): Promise<number> {
    const kept = [];
    let count = 0;
    for await (const letter of this.#letters.receive(deadLettersUrl)) {
      if (id !== undefined && letter.MessageId !== id) {
        kept.push(letter);
        continue;
      }
      await this.#letters.delete(deadLettersUrl, letter);
      count += 1;
      if (id !== undefined) break;
    }
    await this.#letters.release(deadLettersUrl, kept);
    return count;
  }
}

interface Request {
  name: string;
  redrivable: Redrivable;
  id: string | undefined;
  isAll: boolean;
  isDryRun: boolean;
  withPrivate: boolean;
}

const formatLetter = ({ id, since, reason, about, events }: ShownLetter): string =>
  [
    `${id}  ${since}  ${about.join(", ")}`.trimEnd(),
    `  reason: ${reason}`,
    ...events.map(event => indent(JSON.stringify(event, null, 2))),
  ].join("\n");

const indent = (text: string) => text.replace(/^/gm, "  ");

const requireFound = (count: number, { id, name }: Request) => {
  if (id !== undefined && count === 0)
    throw new Error(`${name} has no dead letter ${JSON.stringify(id)}. \`npm run dead-letters -- show ${name}\` shows their ids.`);
};

const list = async (deadLetters: DeadLetters, redrivables: Record<string, Redrivable>): Promise<Result> => {
  const sources = await deadLetters.list(redrivables);
  const rows = sources.map(({ name, count, oldest = "", alarm }) => [name, String(count), oldest, alarm]);
  return { text: formatColumns([["source", "letters", "oldest", "alarm"], ...rows]), json: { sources } };
};

const show = async (deadLetters: DeadLetters, request: Request): Promise<Result> => {
  const { name, redrivable, id, withPrivate } = request;
  const letters = await deadLetters.show(redrivable.deadLettersUrl, withPrivate, id);
  requireFound(letters.length, request);
  const text =
    letters.length === 0
      ? `${name} has no dead letters.`
      : [...letters.map(formatLetter), ...(letters.length < MAX_SHOWN ? [] : [`At most ${MAX_SHOWN} are shown.`])].join("\n\n");
  return { text, json: { letters } };
};

const redrive = async (deadLetters: DeadLetters, request: Request): Promise<Result> => {
  const { name, redrivable, id, isDryRun } = request;
  if (isDryRun) return describeDryRun(deadLetters, request, "redriven");
  const { count, left } = await deadLetters.redrive(redrivable, id);
  requireFound(count + left.length, request);
  return {
    text: `${countLetters(count)} of ${name} redriven.`,
    json: { dryRun: false, count, left },
    problem: left.length === 0 ? undefined : `${left.length} left in the dead-letter queue:\n${left.join("\n")}`,
  };
};

const drop = async (deadLetters: DeadLetters, request: Request): Promise<Result> => {
  const { name, redrivable, id, isAll, isDryRun } = request;
  if ((id === undefined) !== isAll)
    throw new UsageError(`drop deletes for good, so it needs either the id of one dead letter of ${name}, or --all.`);
  if (isDryRun) return describeDryRun(deadLetters, request, "dropped");
  const count = await deadLetters.drop(redrivable, id);
  requireFound(count, request);
  return { text: `${countLetters(count)} of ${name} dropped.`, json: { dryRun: false, count } };
};

const describeDryRun = async (deadLetters: DeadLetters, request: Request, done: string): Promise<Result> => {
  const { name, redrivable, id } = request;
  const found = id === undefined ? undefined : await deadLetters.show(redrivable.deadLettersUrl, false, id);
  const count = found?.length ?? (await deadLetters.count(redrivable));
  requireFound(count, request);
  return { text: `${countLetters(count)} of ${name} would be ${done}.`, json: { dryRun: true, count } };
};

const COMMANDS = { show, redrive, drop };

const run = (
  deadLetters: DeadLetters,
  { outputs }: Pick<OperatedStack, "outputs">,
  [command = "", name, id]: string[],
  options: Chosen,
) => {
  if (command === "list") {
    if (name !== undefined) throw new UsageError(`list takes no name, but got ${JSON.stringify(name)}.`);
    return list(deadLetters, outputs.redrivables);
  }
  if (!Object.hasOwn(COMMANDS, command))
    throw new UsageError(`The command is ${JSON.stringify(command)}, but must be list, show, redrive or drop.`);
  const { all: isAll = false, "dry-run": isDryRun = false, private: withPrivate = false } = options;
  const request = { name: name ?? "", redrivable: findRedrivable(outputs, name), id, isAll, isDryRun, withPrivate };
  return COMMANDS[command as keyof typeof COMMANDS](deadLetters, request);
};

interface Chosen {
  all?: boolean;
  "dry-run"?: boolean;
  private?: boolean;
}

const script = defineScript({
  name: "dead-letters",
  usage: "list | show NAME [ID] | redrive NAME [ID] | drop NAME (ID | --all) [--stack STACK] [--dry-run] [--private] [--json]",
  help: `Works with dead letters: the events on which a function or queue failed after all retries.

  list           every source: how many dead letters, when the oldest came, the state of the alarm
  show           the dead letters of NAME: ids, the reason of the failure, and the events without secrets
  redrive        delivers them again to the function or queue that failed on them
  drop           deletes one of them, or with --all all of them

  --stack STACK  the stack; "local" (default) is the running laptop cloud
  --all          allows drop to delete all dead letters of NAME
  --dry-run      counts what redrive or drop would do, and does nothing
  --private      allows show to print what was said in private`,
  options: {
    stack: { type: "string", default: "local" },
    all: { type: "boolean" },
    "dry-run": { type: "boolean" },
    private: { type: "boolean" },
  },
  maxArguments: 3,
  run: async ({ options, arguments: args }) => {
    const stack = readStack(options.stack);
    const { client } = stack;
    const sqs = new SQSClient(client);
    const redriving = new Redrive(sqs, new LambdaClient(client), new FirehoseClient(client));
    return run(new DeadLetters(sqs, redriving, new CloudWatchClient(client)), stack, args, options);
  },
});

if (require.main === module) void runScript(script);

export { DeadLetters, run, script };
