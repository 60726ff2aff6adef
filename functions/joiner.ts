/** Runs every hour: joins the public channels that the app is not in, because Slack sends their messages only to members. */

import { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused } from "#core/errors";
import { createLog, type Log } from "#core/log";
import { runSideBySide } from "#core/side-by-side";
import { SlackChannels } from "#stores/slack/channels";
import { createInstallationsTable, type InstallationsTable } from "#stores/slack/installations-table";
import type { TokensSettings } from "#stores/slack/tokens";
import { createSlacks, type Slack } from "#stores/slack/web-api";

interface JoinerSettings {
  /** The tokens of many workspaces; undefined where the stack serves one workspace. */
  tokens?: TokensSettings | undefined;
}

/** Less than the function's timeout. Slack allows some 50 joins a minute, so few runs take as long. */
const RUN_MS = 50_000;
/** Refusals that concern the app rather than one channel. Source: https://docs.slack.dev/reference/methods/conversations.join#errors */
const OF_THE_APP: readonly unknown[] = ["missing_scope", "not_authed", "invalid_auth", "account_inactive", "token_revoked"];

class Joiner {
  constructor(
    private readonly channels: Pick<SlackChannels, "listOthers" | "join">,
    private readonly log: Pick<Log, "info" | "error">,
    /** The workspace, for the log. Empty where the stack serves one workspace. */
    private readonly place: { team?: string } = {},
  ) {}

  /** Joins one channel after another. The next run continues after Slack's rate limit. Throws `SlackRefused` if the app may not join at all. */
  async handle(run = new Deadline(RUN_MS)): Promise<void> {
    try {
      for await (const channel of this.channels.listOthers()) {
        if (run.leftMs === 0) return;
        await this.join(channel);
      }
    } catch (error) {
      if (!(error instanceof SlackBusy)) throw error;
      this.log.info("Slack is busy; the next run continues", { ...this.place, reason: error.message });
    }
  }

  /** Joins a channel. If Slack refuses one, the others are still joined. */
  async join(channel: string): Promise<void> {
    try {
      await this.channels.join(channel);
      this.log.info("joined", { ...this.place, channel });
    } catch (error) {
      if (!(error instanceof SlackRefused) || OF_THE_APP.includes(error.context["code"])) throw error;
      this.log.error("not joined", error, { ...this.place, channel });
    }
  }
}

/** Lists the installations, from any of them on: a run that ends early must not leave out the same ones each hour. */
const listFromAny = async (installations: Pick<InstallationsTable, "listInstalled">, random = Math.random): Promise<string[]> => {
  const all: string[] = [];
  for await (const { installation } of installations.listInstalled()) all.push(installation);
  const first = Math.floor(random() * all.length);
  return [...all.slice(first), ...all.slice(0, first)];
};

/**
 * Joins the channels of a workspace, or of all workspaces of an organisation: one where the app may not join must not hold up the others. Throws
 * `SlackBusy`, and `SlackRefused` if the app may not join at all, or an `AggregateError` of several.
 */
const joinIn = async (slack: Pick<Slack, "call" | "listTeams">, installation: string, log: Log, run: Deadline): Promise<void> => {
  const teams = installation.startsWith("E") ? await slack.listTeams() : [installation];
  await runSideBySide(teams, 1, team => new Joiner(new SlackChannels(slack, team), log, team === "" ? {} : { team }).handle(run));
};

/** Creates the joiner; its secret is `ACCESS_TOKEN` where the stack serves one workspace, and `SLACK_URL` says where Slack is. */
const create = ({ tokens }: JoinerSettings): (() => Promise<void>) => {
  const log = createLog("joiner");
  const slacks = createSlacks(tokens);
  const installations = tokens && createInstallationsTable(tokens.installationsTable);
  return async () => {
    const run = new Deadline(RUN_MS);
    const failures: unknown[] = [];
    for (const installation of installations === undefined ? [""] : await listFromAny(installations)) {
      if (run.leftMs === 0) break;
      // An installation where the app may not join must not hold up the others.
      await joinIn(slacks.of(installation), installation, log, run).catch((error: unknown) => {
        log.error("no channel can be joined", error, installation === "" ? {} : { installation });
        failures.push(error);
      });
    }
    if (failures.length > 0) throw failures[0];
  };
};

export type { JoinerSettings, TokensSettings };
export { create, Joiner, joinIn, listFromAny };
