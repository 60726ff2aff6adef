/**
 * Publishes somebody's Home when they open it, and after they have pressed one of its buttons. It shows only what this person may see: turns and
 * public words of the workspace, and the person's own tasks. People of other companies see nothing of it, unless the operator allows them to.
 * Source: https://docs.slack.dev/surfaces/app-home
 */

import { Deadline } from "#core/deadline";
import { settle } from "#core/dibs/queue";
import { SlackRefused } from "#core/errors";
import { buildHome, buildHomeOfStranger } from "#core/home/home";
import { readHomeRequest } from "#core/home/home-event";
import { createId } from "#core/ids";
import { createLog, type Log } from "#core/log";
import { CountKeys, type KeyLayout } from "#core/message/count-keys";
import { type EventEnvelope, parseEventEnvelope } from "#core/message/event";
import { buildLeaderboard, buildPeriods, type TopRequest } from "#core/message/leaderboard";
import type { Kind } from "#core/message/tokens";
import type { HttpUrl, TableName } from "#core/named";
import { createTasksTable, type TasksTable } from "#stores/agent/tasks-table";
import { createDynamoDB } from "#stores/aws-clients";
import { DibsTable } from "#stores/dibs/dibs-table";
import { BoardsTable } from "#stores/message/boards-table";
import { createInstallationsTable, type InstallationsTable } from "#stores/slack/installations-table";
import type { TokensSettings } from "#stores/slack/tokens";
import { SlackUsers } from "#stores/slack/users";
import { createSlacks, type Slacks } from "#stores/slack/web-api";
import { createEventSubscriber, type Subscriber } from "#subscribers/records";

/** Settings for finding out whether an installation lacks scopes. All are undefined where the stack serves one workspace. */
interface ScopeSettings {
  tokens?: TokensSettings | undefined;
  installUrl?: HttpUrl | undefined;
  /** The scopes that this release of the app asks for. */
  scopes?: string[] | undefined;
}

interface HomeSettings extends ScopeSettings {
  boardsTable: TableName;
  layout: KeyLayout;
  /** Undefined if turn queues are off. */
  dibs?: { dibsTable: TableName } | undefined;
  /** Undefined if there is no agent. */
  agent?: { tasksTable: TableName } | undefined;
  /** Whether people of other companies (Slack Connect) see what colleagues see. */
  externalUsers: "refuse" | "allow";
}

interface HomeParts {
  slacks: Pick<Slacks, "of">;
  users: Pick<SlackUsers, "read">;
  boards: Pick<BoardsTable, "readTopSums">;
  queues: Pick<DibsTable, "list"> | undefined;
  tasks: Pick<TasksTable, "findOfUser"> | undefined;
  installations: Pick<InstallationsTable, "getForTeam"> | undefined;
  settings: Pick<HomeSettings, "installUrl" | "scopes" | "agent" | "externalUsers">;
  log: Pick<Log, "info">;
  nowMs?: () => number;
}

/** Less than the function's timeout. */
const BUDGET_MS = 20_000;
/** As many as `/dibs` lists. */
const MAX_QUEUES = 1000;
const WEEK: TopRequest = { limit: 10, window: "week", here: false, mine: false };

class Home {
  readonly #parts: Required<HomeParts>;

  constructor(parts: HomeParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Idempotent: the Home is built from what is stored. A Home that Slack refuses is given up, since the next opening asks for it again. */
  async handle(envelope: EventEnvelope): Promise<void> {
    const { slacks, log } = this.#parts;
    const { team, user, note } = readHomeRequest(envelope);
    try {
      const view = await this.build(team, user, note);
      await slacks.of(team).call("views.publish", { user_id: user, view });
    } catch (error) {
      if (!(error instanceof SlackRefused)) throw error;
      log.info("not published", { team, user, reason: error.message });
    }
  }

  /** Throws `SlackBusy`, `SlackRefused`, `NotDurable`. */
  async build(team: string, user: string, note?: string) {
    const { users, queues: table, tasks, settings, nowMs } = this.#parts;
    const deadline = new Deadline(BUDGET_MS);
    const { timeZone, isAdmin, isExternal } = await users.read(team, user);
    if (isExternal && settings.externalUsers !== "allow") return buildHomeOfStranger();
    const [stored, words, own, missing] = await Promise.all([
      table?.list(team, { limit: MAX_QUEUES }, deadline),
      this.readWords(team, deadline),
      tasks?.findOfUser(team, user, deadline),
      this.findMissing(team, deadline),
    ]);
    // A turn whose time is over is shown as ended; the sweep ends it.
    const queues = stored?.map(queue => settle(queue, { nowMs: nowMs(), newId: createId }));
    const reader = { user, nowMs: nowMs(), ...(timeZone === undefined ? {} : { timeZone }) };
    return buildHome({ ...reader, note, queues, words, tasks: own, missing, isAdmin, hasSettings: settings.scopes !== undefined });
  }

  private async readWords(team: string, deadline: Deadline): Promise<string> {
    const boards = buildPeriods(WEEK.window, this.#parts.nowMs()).map(period => ({ team, period }));
    const read = (kind: Kind) => this.#parts.boards.readTopSums(boards, kind, WEEK.limit, deadline);
    const [words, annotations] = await Promise.all([read("word"), read("annotation")]);
    return buildLeaderboard(WEEK, words, annotations);
  }

  /** Finds the scopes that were added to the app after this installation. */
  private async findMissing(team: string, deadline: Deadline) {
    const { installations, settings } = this.#parts;
    const { installUrl, scopes } = settings;
    if (installations === undefined || scopes === undefined || installUrl === undefined) return undefined;
    const { scopes: granted = [] } = (await installations.getForTeam(team, deadline)) ?? {};
    return { scopes: scopes.filter(scope => !granted.includes(scope)), installUrl };
  }
}

/** Creates the subscriber; its secret is `ACCESS_TOKEN` where the stack serves one workspace, and `SLACK_URL` says where Slack is. */
const create = (settings: HomeSettings): Subscriber => {
  const log = createLog("home");
  const { boardsTable, layout, dibs, agent, tokens } = settings;
  const client = createDynamoDB("background");
  const slacks = createSlacks(tokens);
  const home = new Home({
    slacks,
    users: new SlackUsers(slacks),
    boards: new BoardsTable(client, boardsTable, new CountKeys(layout)),
    queues: dibs && new DibsTable(client, dibs.dibsTable),
    tasks: agent && createTasksTable(agent.tasksTable),
    installations: tokens && createInstallationsTable(tokens.installationsTable),
    settings,
    log,
  });
  return createEventSubscriber(log, parseEventEnvelope, envelope => home.handle(envelope));
};

export type { HomeSettings, ScopeSettings };
export { create, Home };
