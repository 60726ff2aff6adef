import { enterprise } from "../directory";
import type { Tokens } from "../installs";
import type { Organisation } from "../organisation";
import { SlackError } from "../slack-error";
import type { Arguments } from "./arguments";
import { verifyClient } from "./client";

/** A method for which no token is needed: the client's id and secret authenticate the app. */
type ClientMethod = (organisation: Organisation, given: Arguments, authorization: string | undefined) => Promise<object>;

interface Granted {
  id: string;
  scopes: Iterable<string>;
  user: string;
  tokens: Tokens;
}

/** Behaves as https://docs.slack.dev/reference/methods/oauth.v2.access; differs: gives no user tokens, and knows no PKCE. */
const access: ClientMethod = async (organisation, given, authorization) => {
  const { listing, installs } = organisation;
  verifyClient(listing.secrets, given, authorization);
  const type = given.text("grant_type") ?? "authorization_code";
  if (type === "refresh_token") {
    const { grant, user, tokens } = await installs.refresh(given.text("refresh_token") ?? "");
    return present(organisation, { ...grant, user, tokens });
  }
  if (type !== "authorization_code") throw new SlackError("invalid_grant_type");
  const { consent, isNew, tokens } = await installs.exchangeCode(given.text("code") ?? "", given.text("redirect_uri"));
  if (isNew) await organisation.welcome(consent.id);
  return present(organisation, { ...consent, tokens });
};

/** Behaves as https://docs.slack.dev/reference/methods/oauth.v2.exchange */
const exchange: ClientMethod = async (organisation, given) => {
  const { listing, installs } = organisation;
  verifyClient(listing.secrets, given);
  if (!listing.app?.rotatesTokens) throw new SlackError("token_rotation_not_enabled");
  const { grant, user, tokens } = await installs.exchangeToken(given.required("token"));
  return present(organisation, { ...grant, user, tokens });
};

const present = (organisation: Organisation, { id, scopes, user, tokens }: Granted) => {
  const { team, bot } = organisation.workspace(id) ?? organisation.first;
  const isEnterprise = id === enterprise.id;
  return {
    ...tokens,
    scope: [...scopes].join(","),
    bot_user_id: bot.userId,
    app_id: bot.appId,
    team: isEnterprise ? null : { id: team.id, name: team.name },
    enterprise: isEnterprise ? enterprise : null,
    is_enterprise_install: isEnterprise,
    authed_user: { id: user },
  };
};

const clientMethods: Record<string, ClientMethod> = { "oauth.v2.access": access, "oauth.v2.exchange": exchange };

export { clientMethods };
