/** Slack users: their time zones, whether they are admins, and whether they belong to another company. */
import { isJsonObject, type JsonObject } from "#core/json";
import { isSlackId } from "#core/message/message";
import type { TokensSettings } from "#stores/slack/tokens";
import { createSlacks, type Slacks } from "#stores/slack/web-api";

interface SlackUser {
  /** IANA time zone; undefined if the user has none. */
  timeZone?: string;
  /** Whether the user is an admin of the workspace. Those of other workspaces are not. */
  isAdmin: boolean;
  /** Whether the user belongs to another company (Slack Connect). */
  isExternal: boolean;
}

class SlackUsers {
  constructor(private readonly slacks: Pick<Slacks, "of">) {}

  /** Reads a user of a workspace. Throws `SlackBusy` if a retry may succeed, `SlackRefused` if not. */
  async read(team: string, user: string): Promise<SlackUser> {
    const answer = await this.slacks.of(team).call("users.info", { user });
    const found = isJsonObject(answer["user"]) ? answer["user"] : {};
    const { tz, is_admin, is_owner } = found;
    const isExternal = isOfOthers(team, found);
    const isAdmin = !isExternal && (is_admin === true || is_owner === true);
    return { ...(typeof tz === "string" && tz !== "" ? { timeZone: tz } : {}), isAdmin, isExternal };
  }
}

/**
 * In an organisation, `team_id` may be another of the person's workspaces, or the organisation.
 * Source: https://docs.slack.dev/reference/objects/user-object
 */
const isOfOthers = (team: string, { team_id: own, is_stranger: isStranger, enterprise_user: organised }: JsonObject): boolean => {
  const { teams, enterprise_id: organisation } = isJsonObject(organised) ? organised : {};
  const theirs = [own, organisation, ...(Array.isArray(teams) ? (teams as unknown[]) : [])];
  return isStranger === true || (isSlackId(own) && !theirs.includes(team));
};

/** Creates the store and its client; undefined without tokens: neither those of many workspaces nor an `ACCESS_TOKEN`. */
const createSlackUsers = (tokens?: TokensSettings): SlackUsers | undefined =>
  tokens !== undefined || process.env["ACCESS_TOKEN"] ? new SlackUsers(createSlacks(tokens)) : undefined;

export type { SlackUser };
export { createSlackUsers, SlackUsers };
