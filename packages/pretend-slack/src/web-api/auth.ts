import { enterprise } from "../directory";
import { SlackError } from "../slack-error";
import { verifyClient } from "./client";
import { type Method, paginate } from "./method";

/** Behaves as https://docs.slack.dev/reference/methods/auth.test */
const authTest: Method = {
  readOnly: true,
  run: async slack => {
    const { id, name } = slack.isEnterpriseInstall ? enterprise : slack.team;
    return {
      url: `${slack.url}/`,
      team: name,
      user: slack.installation.app?.botName,
      team_id: id,
      user_id: slack.bot.userId,
      bot_id: slack.bot.botId,
      ...(slack.isEnterpriseInstall ? { enterprise_id: enterprise.id } : {}),
      is_enterprise_install: slack.isEnterpriseInstall,
    };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/auth.revoke: the app's only token is its installation, which ends. */
const authRevoke: Method = {
  run: async (_slack, given, { organisation, grantId, token }) => {
    if (given.flag("test")) return { revoked: false };
    await organisation.uninstall(grantId, token);
    return { revoked: true };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/auth.teams.list; differs: has no icons. */
const authTeamsList: Method = {
  readOnly: true,
  run: async (_slack, given, { organisation, grantId }) => {
    const teams = organisation.workspacesOf(grantId).map(({ team }) => ({ id: team.id, name: team.name }));
    const page = paginate(teams, ({ id }) => id, given.text("cursor"), given.limit(100, 1000));
    return { teams: page.items, response_metadata: { next_cursor: "" }, ...page.metadata };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/team.info; differs: has no icons. */
const teamInfo: Method = {
  readOnly: true,
  scope: "team:read",
  run: async (slack, given, { organisation, grantId }) => {
    const id = given.text("team") ?? slack.team.id;
    const found = organisation.workspacesOf(grantId).find(({ team }) => team.id === id);
    if (found === undefined) throw new SlackError("team_not_found");
    const { name, domain } = found.team;
    const organised = found.isEnterpriseInstall ? { enterprise_id: enterprise.id, enterprise_name: enterprise.name } : {};
    return { team: { id, name, domain, url: `${slack.url}/`, email_domain: "", ...organised } };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/apps.uninstall */
const appsUninstall: Method = {
  run: async (_slack, given, { organisation, grantId }) => {
    verifyClient(organisation.listing.secrets, given);
    await organisation.uninstall(grantId);
    return {};
  },
};

const authMethods: Record<string, Method> = {
  "auth.test": authTest,
  "auth.revoke": authRevoke,
  "auth.teams.list": authTeamsList,
  "team.info": teamInfo,
  "apps.uninstall": appsUninstall,
};

export { authMethods };
