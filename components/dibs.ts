import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetters, type Redrivable } from "./dead-letters";
import { createEventRetries } from "./event-retries";
import {
  createBareRole,
  createSchedules,
  type Grant,
  grantTo,
  invoke,
  passRole,
  publish,
  put,
  query,
  queryTable,
  read,
  readWrite,
  send,
  update,
} from "./grants";
import { ScopedFunction } from "./scoped-function";
import { createTable } from "./table";

const dibsRelease = () => require("#functions/dibs/release") as typeof import("#functions/dibs/release");

interface DibsArgs {
  /** Told whose turn it is, and told by the notifier. */
  successes: aws.sns.Topic;
  /** Told of timers that failed to the end. */
  errors: aws.sns.Topic;
  /** Switches of the function that ends turns. */
  environment: Record<string, pulumi.Input<string>>;
  logRetentionDays: number;
  production: boolean;
  /** How many seconds a turn lasts that is claimed without a time; null for an open turn. */
  dibsDefault: number | null;
}

/** Names of what turn queues are made of, for the functions that work with them. */
interface DibsNames {
  dibsTable: string;
  dueIndex: string;
  historyTable: string;
  queueIndex: string;
  tokensTable: string;
  ownerIndex: string;
  noticesTopicArn: string;
  scheduleGroup: string;
  releaseArn: string;
  timerRoleArn: string;
  timerDeadLettersArn: string;
  requestsTable: string;
  dibsDefault: number | null;
}

const dueIndex = "due";
const queueIndex = "by-queue";
const ownerIndex = "by-owner";

const releaseSeconds = 30;

/** After an hour the sweep has long done what a timer was for. */
const eventAgeSeconds = 3600;

/** Turn queues for shared things: their tables, the one-off timers that end turns, and the function that these call. */
class Dibs extends pulumi.ComponentResource {
  readonly table: aws.dynamodb.Table;
  readonly names: pulumi.Output<DibsNames>;
  /** What a function does that changes queues: read and write one, record who left, tell who is next, and make timers. */
  readonly change: Grant[];
  /** Asking for all queues, and for what became of their claims. */
  readonly ask: Grant[];
  /** Asking what became of one claim. */
  readonly follow: Grant[];
  /** Looking up a token, and noting that it was used. */
  readonly useTokens: Grant[];
  /** Making, listing and revoking tokens. */
  readonly manageTokens: Grant[];
  /** Remembering which commands and clicks were answered. */
  readonly remember: Grant[];
  /** Finding the queues in which something is due. */
  readonly findDue: Grant[];
  /** Turns whose timer could not end them. */
  readonly redrivable: Redrivable;

  constructor(name: string, args: DibsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:dibs:Dibs", name, {}, opts);
    const child = { parent: this };
    const { successes, errors, environment, logRetentionDays, production, dibsDefault } = args;

    // One item a queue; those in which something is due are in a sparse index.
    const table = createTable(
      name,
      {
        partitionKey: "team:S",
        sortKey: "name:S",
        indexes: { [dueIndex]: { partitionKey: "due:S", sortKey: "due_at:N", projection: "KEYS_ONLY" } },
        production,
      },
      child,
    );
    this.table = table;

    // Who had what.
    const history = createTable(
      `${name}-history`,
      {
        partitionKey: "claim:S",
        indexes: { [queueIndex]: { partitionKey: "queue:S", sortKey: "place:S", projection: "ALL" } },
        expiresAt: "expires_at",
        production,
      },
      child,
    );

    // Tokens of the API, by their hashes.
    const tokens = createTable(
      `${name}-tokens`,
      {
        partitionKey: "hash:S",
        indexes: { [ownerIndex]: { partitionKey: "owner:S", sortKey: "created_at:N", projection: "ALL" } },
        expiresAt: "expires_at",
        production,
      },
      child,
    );

    // Commands and clicks that were answered: what comes again gets the same answer, and changes nothing.
    const requests = createTable(`${name}-requests`, { partitionKey: "request:S", expiresAt: "expires_at", production }, child);

    // Timers, each made when a turn begins and gone when it has fired. They call `release` as `role`, which is given leave to do so
    // once there is something to call.
    const group = new aws.scheduler.ScheduleGroup(name, {}, child);
    const role = createBareRole(`${name}-timer`, { service: "scheduler.amazonaws.com", neighbour: group }, child);
    const deadLetters = new DeadLetters(`${name}-dead-letters`, { alarmTopic: errors }, child).queue;

    this.change = [readWrite(table), put(history), publish(successes), createSchedules(group), passRole(role)];
    this.ask = [queryTable(table), query(history, queueIndex)];
    this.follow = [read(history)];
    this.useTokens = [read(tokens), update(tokens)];
    this.manageTokens = [put(tokens), update(tokens), query(tokens, ownerIndex)];
    this.remember = [read(requests), put(requests)];
    this.findDue = [query(table, dueIndex)];

    const { lambda: release } = new ScopedFunction(
      `${name}-release`,
      {
        allow: this.change,
        environment,
        timeoutSeconds: releaseSeconds,
        logRetentionDays,
        deadLetters,
        callbackFactory: () =>
          dibsRelease().create({
            dibsTable: table.name.get(),
            dueIndex,
            historyTable: history.name.get(),
            queueIndex,
            noticesTopicArn: successes.arn.get(),
            scheduleGroup: group.name.get(),
            timerRoleArn: role.arn.get(),
            timerDeadLettersArn: deadLetters.arn.get(),
          }),
      },
      child,
    );
    this.redrivable = { functionName: release.name, deadLettersUrl: deadLetters.url };
    createEventRetries(`${name}-release`, release, child, eventAgeSeconds);
    grantTo(`${name}-timer`, role, [invoke(release), send(deadLetters)], child);

    this.names = pulumi.output({
      dibsTable: table.name,
      dueIndex,
      historyTable: history.name,
      queueIndex,
      tokensTable: tokens.name,
      ownerIndex,
      noticesTopicArn: successes.arn,
      scheduleGroup: group.name,
      releaseArn: release.arn,
      timerRoleArn: role.arn,
      timerDeadLettersArn: deadLetters.arn,
      requestsTable: requests.name,
      dibsDefault,
    });
    this.registerOutputs({});
  }
}

export type { DibsArgs, DibsNames };
export { Dibs };
