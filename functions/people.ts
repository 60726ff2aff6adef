/** What doors ask Slack about people: their time zones, and whether they are admins. Slack may be slow, and a door can't wait for long. */
import { setTimeout as sleepMs } from "node:timers/promises";
import type { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused } from "#core/errors";
import type { Log } from "#core/log";
import type { TokensSettings } from "#stores/slack/tokens";
import { createSlackUsers, type SlackUser, type SlackUsers } from "#stores/slack/users";

interface Person {
  team: string;
  user: string;
}

/** Leaves time for the work and the answer. */
const USER_BUDGET_MS = 1000;

class People {
  constructor(
    /** Undefined without the bot's token. */
    private readonly users: Pick<SlackUsers, "read"> | undefined,
    private readonly log: Pick<Log, "error">,
  ) {}

  /** Reads a person. Undefined if Slack does not answer in time, or without a bot token. */
  async read({ team, user }: Person, deadline: Deadline): Promise<SlackUser | undefined> {
    if (this.users === undefined) return undefined;
    const tooLong = sleepMs(Math.min(USER_BUDGET_MS, deadline.leftMs), undefined, { ref: false });
    try {
      return await Promise.race([this.users.read(team, user), tooLong]);
    } catch (error) {
      if (!(error instanceof SlackBusy || error instanceof SlackRefused)) throw error;
      this.log.error("Slack returns no details of a user", error, { user });
      return undefined;
    }
  }

  /** Returns the sentence that refuses somebody who is no admin, as far as Slack tells. Undefined for an admin. */
  async refuseUnlessAdmin(person: Person, deadline: Deadline): Promise<string | undefined> {
    if (this.users === undefined) return "I can't ask Slack who is an admin: the app has no bot token.";
    const found = await this.read(person, deadline);
    if (found === undefined) return "I couldn't find out from Slack whether you are an admin. Try again in a minute.";
    return found.isAdmin ? undefined : "Only admins of this workspace may do that.";
  }
}

/** Creates the store and its client; `tokens` are those of many workspaces. */
const createPeople = (log: Log, tokens?: TokensSettings): People => new People(createSlackUsers(tokens), log);

export { createPeople, People };
