/** Which deliveries are for this deployment. */
import { isJsonObject, type JsonObject } from "#core/json";
import { isSlackId } from "#core/message";

interface WorkspaceSettings {
  /** Slack's id of the one team to serve; any, when it is not configured. */
  teamId?: string | undefined;
  /** Slack's id of the one app to serve; any, when it is not configured. */
  appId?: string | undefined;
}

/** Tells whether a delivery comes from the configured team and app; what it does not tell can't differ. */
const isOurs = (settings: WorkspaceSettings, team: unknown, app: unknown): boolean =>
  (!settings.teamId || team === settings.teamId) && (!settings.appId || app === undefined || app === settings.appId);

/** Reads the installations that an event was sent for. */
const readAuthorizations = ({ authorizations }: JsonObject): JsonObject[] =>
  Array.isArray(authorizations) ? authorizations.filter(isJsonObject) : [];

/**
 * Tells whether an event belongs to the configured team (or organisation) and app. `context_team_id` and `authorizations` decide: in channels
 * shared with other companies `team_id` may be the team of whoever acted, so it only counts where they tell nothing.
 */
const isOurEvent = ({ teamId, appId }: WorkspaceSettings, body: JsonObject): boolean => {
  const named = [body["context_team_id"], ...readAuthorizations(body).flatMap(each => [each["team_id"], each["enterprise_id"]])];
  const isOurTeam = !teamId || (named.some(isSlackId) ? named.includes(teamId) : body["team_id"] === teamId);
  return isOurTeam && (!appId || body["api_app_id"] === undefined || body["api_app_id"] === appId);
};

/** Finds the team of ours that an event is about. Not an id where the event tells none. */
const findTeam = ({ teamId }: WorkspaceSettings, body: JsonObject): unknown => {
  const teams = [body["context_team_id"], ...readAuthorizations(body).map(each => each["team_id"])];
  if (teamId && teams.includes(teamId)) return teamId;
  return teams.find(isSlackId) ?? body["team_id"];
};

export type { WorkspaceSettings };
export { findTeam, isOurEvent, isOurs, readAuthorizations };
