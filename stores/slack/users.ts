/** Slack users: their time zones, and whether they are admins. */
import { isJsonObject } from "#core/json";
import type { TokensSettings } from "#stores/slack/tokens";
import { createSlacks, type Slacks } from "#stores/slack/web-api";

interface SlackUser {
  /** IANA time zone; undefined if the user has none. */
  timeZone?: string;
  isAdmin: boolean;
}

class SlackUsers {
  constructor(private readonly slacks: Pick<Slacks, "of">) {}

  /** Reads a user of a workspace. Throws `SlackBusy` if a retry may succeed, `SlackRefused` if not. */
  async read(team: string, user: string): Promise<SlackUser> {
    const answer = await this.slacks.of(team).call("users.info", { user });
    const found = isJsonObject(answer["user"]) ? answer["user"] : {};
    const { tz, is_admin, is_owner } = found;
    return { ...(typeof tz === "string" && tz !== "" ? { timeZone: tz } : {}), isAdmin: is_admin === true || is_owner === true };
  }
}

/** Creates the store and its client; undefined without tokens: neither those of many workspaces nor an `ACCESS_TOKEN`. */
const createSlackUsers = (tokens?: TokensSettings): SlackUsers | undefined =>
  tokens !== undefined || process.env["ACCESS_TOKEN"] ? new SlackUsers(createSlacks(tokens)) : undefined;

export type { SlackUser };
export { createSlackUsers, SlackUsers };
