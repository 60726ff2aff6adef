/** What Slack knows about people: their time zones, and who is an admin. */
import { isJsonObject } from "#core/json";
import { createSlack, type Slack } from "#stores/slack/web-api";

interface SlackUser {
  /** IANA time zone; undefined where the user has none. */
  timeZone?: string;
  isAdmin: boolean;
}

class SlackUsers {
  constructor(private readonly slack: Pick<Slack, "call">) {}

  /** Reads a user. Throws `SlackBusy` when it may succeed later, `SlackRefused` when it won't. */
  async read(user: string): Promise<SlackUser> {
    const answer = await this.slack.call("users.info", { user });
    const found = isJsonObject(answer["user"]) ? answer["user"] : {};
    const { tz, is_admin, is_owner } = found;
    return { ...(typeof tz === "string" && tz !== "" ? { timeZone: tz } : {}), isAdmin: is_admin === true || is_owner === true };
  }
}

/** Creates the store and its client; undefined where there is no `ACCESS_TOKEN` to ask with. */
const createSlackUsers = (): SlackUsers | undefined => (process.env["ACCESS_TOKEN"] ? new SlackUsers(createSlack()) : undefined);

export type { SlackUser };
export { createSlackUsers, SlackUsers };
