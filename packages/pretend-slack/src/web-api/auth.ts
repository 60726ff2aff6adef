import { bot, team } from "../directory";
import type { Method } from "./method";

/** Behaves as https://docs.slack.dev/reference/methods/auth.test */
const authTest: Method = {
  readOnly: true,
  run: async slack => ({
    url: `${slack.url}/`,
    team: team.name,
    user: slack.installation.app?.botName,
    team_id: team.id,
    user_id: bot.userId,
    bot_id: bot.botId,
    is_enterprise_install: false,
  }),
};

const authMethods: Record<string, Method> = { "auth.test": authTest };

export { authMethods };
