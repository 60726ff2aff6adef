/** Slack users: their time zones, and whether they are admins. */
import { isJsonObject } from "#core/json";
import { createSlack, type Slack } from "#stores/slack/web-api";

interface SlackUser {
  /** IANA time zone; undefined if the user has none. */
  timeZone?: string;
  isAdmin: boolean;
}

class SlackUsers {
  constructor(private readonly slack: Pick<Slack, "call">) {}

  /** Reads a user. Throws `SlackBusy` if a retry may succeed, `SlackRefused` if not. */
  async read(user: string): Promise<SlackUser> {
    const answer = await this.slack.call("users.info", { user });
    const found = isJsonObject(answer["user"]) ? answer["user"] : {};
    const { tz, is_admin, is_owner } = found;
    return { ...(typeof tz === "string" && tz !== "" ? { timeZone: tz } : {}), isAdmin: is_admin === true || is_owner === true };
  }
}

/** Creates the store and its client; undefined without an `ACCESS_TOKEN`. */
const createSlackUsers = (): SlackUsers | undefined => (process.env["ACCESS_TOKEN"] ? new SlackUsers(createSlack()) : undefined);

export type { SlackUser };
export { createSlackUsers, SlackUsers };
