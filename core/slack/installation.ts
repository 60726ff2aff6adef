/** Installations of the app: in a workspace (T...), or in an organisation (E...) for all of its workspaces. */
import { SlackRefused } from "#core/errors";
import { isJsonObject, type JsonObject } from "#core/json";
import { isSlackId } from "#core/message/message";

/** What Slack's requests say about where they come from. Each value is unchecked. */
interface Origin {
  team: unknown;
  enterprise: unknown;
  isEnterpriseInstall: unknown;
}

/** What Slack grants when somebody installs the app. */
interface Grant {
  /** The id of the workspace (T...) or organisation (E...). */
  installation: string;
  name: string;
  token: string;
  /** Only with token rotation. */
  refreshToken?: string | undefined;
  /** Seconds until the token expires. Only with token rotation. */
  expiresInSeconds?: number | undefined;
  botUser: string;
  app: string;
  scopes: string[];
  installedBy: string;
}

/** The token and what belongs to it. */
type GrantedTokens = Pick<Grant, "token" | "refreshToken" | "expiresInSeconds">;

/** Chooses the installation that a request belongs to. Undefined if the request names none. */
const chooseInstallation = ({ team, enterprise, isEnterpriseInstall }: Origin): string | undefined => {
  const id = (isEnterpriseInstall === true || isEnterpriseInstall === "true") && isSlackId(enterprise) ? enterprise : team;
  return isSlackId(id) ? id : undefined;
};

/**
 * Chooses the installation that an event belongs to: the first authorization, the only one that Slack lists. Events about an installation's end may
 * have none. Source: https://docs.slack.dev/apis/events-api/#authorizations
 */
const chooseOfEvent = (body: JsonObject): string | undefined => {
  const [first] = Array.isArray(body["authorizations"]) ? (body["authorizations"] as unknown[]) : [];
  const { team_id: team, enterprise_id: enterprise, is_enterprise_install: isEnterpriseInstall } = isJsonObject(first) ? first : body;
  return chooseInstallation({ team: team ?? enterprise, enterprise, isEnterpriseInstall });
};

/**
 * Parses the answer of `oauth.v2.access`. Throws `SlackRefused` if a part is missing that we need.
 * Source: https://docs.slack.dev/reference/methods/oauth.v2.access
 */
const parseGrant = (answer: JsonObject): Grant => {
  const { team, enterprise, is_enterprise_install: isOrganisation, bot_user_id: botUser, app_id: app, authed_user: authed } = answer;
  const place = isOrganisation === true ? enterprise : team;
  const { id, name } = isJsonObject(place) ? place : {};
  const by = isJsonObject(authed) ? authed["id"] : undefined;
  if (!isSlackId(id) || !isSlackId(botUser)) throw new SlackRefused("Slack's answer has no workspace or no bot user.");
  return {
    installation: id,
    name: typeof name === "string" ? name : id,
    ...parseTokens(answer),
    botUser,
    app: isSlackId(app) ? app : "",
    scopes: parseScopes(answer["scope"]),
    installedBy: isSlackId(by) ? by : "",
  };
};

/** Parses the tokens of an installation, or of a refresh. Throws `SlackRefused`. */
const parseTokens = ({ access_token: token, refresh_token: refreshToken, expires_in: seconds }: JsonObject): GrantedTokens => {
  if (typeof token !== "string" || token === "") throw new SlackRefused("Slack's answer has no token.");
  return {
    token,
    ...(typeof refreshToken === "string" && refreshToken !== "" ? { refreshToken } : {}),
    ...(typeof seconds === "number" && seconds > 0 ? { expiresInSeconds: seconds } : {}),
  };
};

/** Slack lists scopes with commas between them. */
const parseScopes = (scope: unknown): string[] => (typeof scope === "string" ? scope.split(",").filter(each => each !== "") : []);

export type { Grant, Origin };
export { chooseInstallation, chooseOfEvent, parseGrant, parseTokens };
