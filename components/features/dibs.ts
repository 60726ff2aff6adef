import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { BY_OWNER, BY_QUEUE, DIBS, DIBS_HISTORY, DIBS_REQUESTS, DIBS_TOKENS, DUE } from "#core/dibs/tables";
import type { DibsCommandSettings } from "#functions/commands/dibs";
import type { ReleaseSettings } from "#functions/dibs/release";
import { DeadLetters } from "../resources/dead-letters";
import { createEventRetries } from "../resources/event-retries";
import type { FeatureArgs } from "../resources/feature";
import { Table } from "../resources/table";
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
} from "../wiring/grants";
import { ScopedFunction } from "../wiring/scoped-function";
import { type Names, shareGrants, type Wiring, wire } from "../wiring/wire";

interface DibsArgs extends FeatureArgs {
  /** Seconds that a turn lasts if it is claimed without a time; null for an open turn. */
  dibsDefault: number | null;
}

/** What functions do with turn queues. */
type DibsUse =
  /** Read and write queues, record who left, publish whose turn it is, and create timers. */
  | "change"
  /** List all queues, and what became of their claims. */
  | "ask"
  /** Read what became of one claim. */
  | "follow"
  /** Look up a token, and record its use. */
  | "useTokens"
  /** Create, list and revoke tokens. */
  | "manageTokens"
  /** Record which commands and clicks were answered. */
  | "remember"
  /** Find the queues in which something is due. */
  | "findDue";

const RELEASE_SECONDS = 30;

/** After an hour the relay's sweep has ended the turn anyway. */
const EVENT_AGE_SECONDS = 3600;

/** Turn queues for shared things: their tables, the one-off timers that end turns, and the function that the timers invoke. */
class Dibs extends pulumi.ComponentResource {
  readonly table: Table;
  readonly outputs: Record<string, pulumi.Output<string>>;
  /** All tables, by their names in the program. */
  readonly tables: Record<"dibs" | "dibs-history" | "dibs-tokens", Table>;
  readonly #names: Names<DibsCommandSettings>;
  readonly #grants: Record<DibsUse, Grant[]>;

  constructor(name: string, args: DibsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:dibs:Dibs", name, {}, opts);
    const child = { parent: this };
    const { successes, errors, redrivables, environment, logRetentionDays, tracing, production, dibsDefault } = args;

    const table = new Table(name, { ...DIBS, production }, child);
    this.table = table;
    this.outputs = table.outputs;

    const history = new Table(`${name}-history`, { ...DIBS_HISTORY, production }, child);
    const tokens = new Table(`${name}-tokens`, { ...DIBS_TOKENS, production }, child);
    const requests = new Table(`${name}-requests`, { ...DIBS_REQUESTS, production }, child);
    this.tables = { dibs: table, "dibs-history": history, "dibs-tokens": tokens };

    // Each timer is created when a turn begins, and deleted once it has fired. Timers invoke `release` as `role`, which gets its grants below,
    // because `release` must know the role first.
    const group = new aws.scheduler.ScheduleGroup(name, {}, child);
    const role = createBareRole(`${name}-timer`, { service: "scheduler.amazonaws.com", inAccountOf: group }, child);
    const deadLetters = new DeadLetters(`${name}-dead-letters`, { errors, redrivables }, child);

    this.#grants = {
      change: [readWrite(table), put(history), publish(successes), createSchedules(group), passRole(role)],
      ask: [queryTable(table), query(BY_QUEUE)(history)],
      follow: [read(history)],
      useTokens: [read(tokens), update(tokens)],
      manageTokens: [put(tokens), update(tokens), query(BY_OWNER)(tokens)],
      remember: [read(requests), put(requests)],
      findDue: [query(DUE)(table)],
    };
    const names: Names<ReleaseSettings> = {
      dibsTable: table.name,
      historyTable: history.name,
      noticesTopicArn: successes.arn,
      scheduleGroup: group.name,
      timerRoleArn: role.arn,
      timerDeadLettersArn: deadLetters.queue.arn,
    };

    const { lambda: release } = new ScopedFunction(
      `${name}-release`,
      {
        ...wire(
          () => require("#functions/dibs/release") as typeof import("#functions/dibs/release"),
          shareGrants<ReleaseSettings>(names, this.#grants.change),
        ),
        environment,
        timeoutSeconds: RELEASE_SECONDS,
        logRetentionDays,
        tracing,
        deadLetters: deadLetters.queue,
      },
      child,
    );
    deadLetters.redriveTo(name, { functionName: release.name });
    createEventRetries(`${name}-release`, release, child, EVENT_AGE_SECONDS);
    grantTo(`${name}-timer`, role, [invoke(release), send(deadLetters.queue)], child);

    this.#names = {
      ...names,
      releaseArn: release.arn,
      requestsTable: requests.name,
      tokensTable: tokens.name,
      dibsDefault,
    };
    this.registerOutputs({});
  }

  /** The names of the turn queues' resources for a function, and what the function may do with them. */
  may(...uses: [DibsUse, ...DibsUse[]]): Wiring<DibsCommandSettings> {
    const grants = uses.flatMap(use => this.#grants[use]);
    return shareGrants<DibsCommandSettings>(this.#names, grants);
  }
}

export { Dibs };
