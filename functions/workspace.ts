/** Decides which deliveries are for this deployment. */
import { isJsonObject, type JsonObject } from "#core/json";
import { isSlackId } from "#core/message/message";

interface WorkspaceSettings {
  /** Slack's id of the only team to serve. Default: any team. */
  teamId?: string | undefined;
  /** Slack's id of the only app to serve. Default: any app. */
  appId?: string | undefined;
}

/** Tells whether a delivery comes from the configured team and app. A missing id counts as a match. */
const isOurs = (settings: WorkspaceSettings, team: unknown, app: unknown): boolean =>
  (!settings.teamId || team === settings.teamId) && (!settings.appId || app === undefined || app === settings.appId);

/** Reads the installations that an event was sent for. */
const readAuthorizations = ({ authorizations }: JsonObject): JsonObject[] =>
  Array.isArray(authorizations) ? authorizations.filter(isJsonObject) : [];

/** Adds the bot of an installation to those that an event was sent for: Slack lists one authorization only, perhaps that of a person. */
const addBot = (body: JsonObject, botUser: string | undefined): JsonObject =>
  botUser === undefined ? body : { ...body, authorizations: [...readAuthorizations(body), { user_id: botUser, is_bot: true }] };

/** Reads the workspaces that an event was sent for. An organisation's installation may name the organisation instead of a workspace. */
const readTeams = (body: JsonObject): string[] => {
  const teams = readAuthorizations(body).flatMap(each => (each["team_id"] === each["enterprise_id"] ? [] : [each["team_id"]]));
  return [body["context_team_id"], ...teams].filter(isSlackId);
};

const readEnterprises = (body: JsonObject): unknown[] => [
  body["context_enterprise_id"],
  ...readAuthorizations(body).map(each => each["enterprise_id"]),
];

/**
 * Tells whether an event belongs to the configured team (or organisation) and app. `context_team_id` and `authorizations` decide: in channels
 * shared with other companies `team_id` may be the actor's team, so it only counts if those fields name no team.
 */
const isOurEvent = ({ teamId, appId }: WorkspaceSettings, body: JsonObject): boolean => {
  const teams = readTeams(body);
  const isOurTeam =
    !teamId || teams.includes(teamId) || readEnterprises(body).includes(teamId) || (teams.length === 0 && body["team_id"] === teamId);
  return isOurTeam && (!appId || body["api_app_id"] === undefined || body["api_app_id"] === appId);
};

/** Finds which of our teams an event is about. The result is not a valid id if the event names no team. */
const findTeam = ({ teamId }: WorkspaceSettings, body: JsonObject): unknown => {
  const teams = readTeams(body);
  return teamId && teams.includes(teamId) ? teamId : (teams[0] ?? body["team_id"]);
};

/** Tells whether a person of another company caused an event (Slack Connect). Colleagues of one organisation are not external. */
const isExternal = (team: string, body: JsonObject, event: JsonObject): boolean => {
  const ours = [team, ...readTeams(body), ...readEnterprises(body)];
  return [event["user_team"], event["source_team"]].some(each => isSlackId(each) && !ours.includes(each));
};

/**
 * Tells whether a person of another company pressed Slack's stop button of an agent session. The event does not name the person's team, but the
 * delivery's `team_id` does. Source: https://docs.slack.dev/reference/events/agent_session_stopped
 */
const isExternalStop = (team: string, body: JsonObject, event: JsonObject): boolean => {
  const isOfOrganisation = isSlackId(body["enterprise_id"]) && readEnterprises(body).includes(body["enterprise_id"]);
  return isExternal(team, body, { ...event, ...(isOfOrganisation ? {} : { source_team: body["team_id"] }) });
};

interface ExternalUsersSettings {
  /** Whether people of other companies (Slack Connect) may use slash commands, buttons, agents and turns. */
  externalUsers: "refuse" | "allow";
}

/** Tells whether a person of another company typed a slash command. The form names the person's own team if it differs. */
const isExternalCommand = (form: ReadonlyMap<string, string>): boolean => {
  const ours = ["team_id", "enterprise_id", "context_team_id", "context_enterprise_id"].map(name => form.get(name));
  return ["user_team", "user_team_id", "source_team"].map(name => form.get(name)).some(each => isSlackId(each) && !ours.includes(each));
};

/** Tells whether a person of another company pressed a button. Slack may name colleagues by the organisation's id. */
const isExternalPress = ({ teamId }: WorkspaceSettings, team: string, { user, enterprise }: JsonObject): boolean => {
  const [theirs, organisation] = [
    isJsonObject(user) ? user["team_id"] : undefined,
    isJsonObject(enterprise) ? enterprise["id"] : undefined,
  ];
  return isSlackId(theirs) && ![team, teamId, organisation].includes(theirs);
};

export type { ExternalUsersSettings, WorkspaceSettings };
export { addBot, findTeam, isExternal, isExternalCommand, isExternalPress, isExternalStop, isOurEvent, isOurs, readAuthorizations };
