import type { IncomingMessage, ServerResponse } from "node:http";
import { allowMethods } from "@slack-fanout/laptop-cloud/kernel/http";
import { enterprise } from "./directory";
import type { Organisation } from "./organisation";

/** What an app asks for on the consent page. */
interface Request {
  redirectUri: string;
  scopes: string[];
  state: string | undefined;
}

/** The sentence of an error page. */
interface Refusal {
  code: string;
  sentence: string;
}

/**
 * `GET {slack}/oauth/v2/authorize`: the page on which a person allows the app to be installed, as
 * https://docs.slack.dev/authentication/installing-with-oauth. With `approve=1` and `team` or `enterprise` it redirects at once, as a click on
 * *Allow* does; with `deny=1` as one on *Cancel*. Where another site sent the browser, a person must press the button all the same.
 */
const answerConsent = async (organisation: Organisation, request: IncomingMessage, query: URLSearchParams, response: ServerResponse) => {
  allowMethods(request, "GET");
  const asked = readRequest(organisation, query);
  if ("code" in asked) return sendPage(response, 400, buildErrorPage(asked));
  if (query.get("deny") === "1") return redirect(response, asked, { error: "access_denied" });
  const mustAsk = request.headers["sec-fetch-site"] === "cross-site";
  if (query.get("approve") !== "1" || mustAsk) return sendPage(response, 200, buildConsentPage(organisation, asked, query));
  const chosen = readChoice(organisation, query);
  if (typeof chosen !== "string") return sendPage(response, 400, buildErrorPage(chosen));
  const admin = (organisation.workspace(chosen) ?? organisation.first).team.people.find(({ isAdmin }) => isAdmin)!;
  const code = await organisation.installs.consent({ id: chosen, user: admin.id, scopes: asked.scopes, redirectUri: asked.redirectUri });
  return redirect(response, asked, { code });
};

const readRequest = ({ listing }: Organisation, query: URLSearchParams): Request | Refusal => {
  const { app, secrets } = listing;
  const clientId = query.get("client_id");
  if (app === undefined || secrets.clientId === undefined || clientId !== secrets.clientId)
    return { code: "invalid_client_id", sentence: `client_id is ${JSON.stringify(clientId)}, but must be the client id of an app.` };
  const redirectUri = query.get("redirect_uri") ?? app.redirectUrls[0];
  if (redirectUri === undefined || !isAllowedRedirect(redirectUri, app.redirectUrls)) {
    const allowed = app.redirectUrls.length === 0 ? "none" : app.redirectUrls.join(", ");
    const sentence = `redirect_uri is ${JSON.stringify(redirectUri ?? null)}, but must begin with one of the app's redirect URLs: ${allowed}.`;
    return { code: "bad_redirect_uri", sentence };
  }
  if ((query.get("user_scope") ?? "") !== "")
    return { code: "invalid_scope", sentence: "user_scope must be empty: the pretend Slack gives no user tokens." };
  const scopes = (query.get("scope") ?? "").split(/[ ,]+/).filter(scope => scope !== "");
  const bad = scopes.find(scope => !app.scopes.has(scope));
  if (scopes.length === 0 || bad !== undefined) {
    const sentence = `scope is ${JSON.stringify(query.get("scope"))}, but must be bot scopes of the app's manifest, separated by commas.`;
    return { code: "invalid_scope", sentence };
  }
  return { redirectUri, scopes, state: query.get("state") ?? undefined };
};

/** The path may go on below an allowed one: https://docs.slack.dev/authentication/installing-with-oauth */
const isAllowedRedirect = (uri: string, allowed: readonly string[]): boolean =>
  URL.canParse(uri) &&
  allowed.some(each => {
    if (!URL.canParse(each)) return false;
    const [asked, known] = [new URL(uri), new URL(each)];
    const path = known.pathname.replace(/\/$/, "");
    return asked.origin === known.origin && (asked.pathname.replace(/\/$/, "") === path || asked.pathname.startsWith(`${path}/`));
  });

/** The id of the workspace or organisation that the person chose. */
const readChoice = ({ workspaces, listing }: Organisation, query: URLSearchParams): string | Refusal => {
  const org = query.get("enterprise");
  if (org !== null) {
    if (org !== enterprise.id)
      return { code: "enterprise_not_found", sentence: `enterprise is ${JSON.stringify(org)}, but must be ${enterprise.id}.` };
    if (listing.app?.isForOrganisations) return org;
    const sentence = "The app can't be installed in an organisation: its manifest must say settings.org_deploy_enabled.";
    return { code: "org_install_not_allowed", sentence };
  }
  const team = query.get("team");
  const known = workspaces.map(each => each.team.id);
  if (team !== null && known.includes(team)) return team;
  return { code: "team_not_found", sentence: `team is ${JSON.stringify(team)}, but must be ${known.join(" or ")}.` };
};

const redirect = (response: ServerResponse, { redirectUri, state }: Request, outcome: Record<string, string>) => {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(outcome)) url.searchParams.set(name, value);
  if (state !== undefined) url.searchParams.set("state", state);
  response.writeHead(302, { location: url.href, "cache-control": "no-store" }).end();
};

const buildConsentPage = ({ workspaces, listing }: Organisation, { scopes }: Request, query: URLSearchParams): string => {
  const name = escapeHtml(listing.app?.name ?? "App");
  const passed = ["client_id", "scope", "state", "redirect_uri"].flatMap(key => {
    const value = query.get(key);
    return value === null ? [] : [`<input type="hidden" name="${key}" value="${escapeHtml(value)}">`];
  });
  const preferred = query.get("team") ?? workspaces.find(({ grant }) => grant === undefined)?.team.id;
  const options = workspaces.map(({ team, grant }) => {
    const mark = grant === undefined ? "" : " (installed)";
    return `<option value="${team.id}"${team.id === preferred ? " selected" : ""}>${escapeHtml(team.name)}${mark}</option>`;
  });
  const org = listing.app?.isForOrganisations
    ? `<button name="enterprise" value="${enterprise.id}">Allow for the whole ${escapeHtml(enterprise.name)}</button>`
    : "";
  const cancel = new URLSearchParams(query);
  cancel.set("deny", "1");
  return buildPage(
    `${name} wants access`,
    `<p>${name} asks for access to your workspace.</p>
<form method="get">
${passed.join("\n")}<input type="hidden" name="approve" value="1">
<p><label>Workspace <select name="team">${options.join("")}</select></label></p>
<h2>What it may do</h2>
<ul>${scopes.map(scope => `<li><code>${escapeHtml(scope)}</code></li>`).join("")}</ul>
<p class="choice"><button class="primary">Allow</button>${org}<a href="?${escapeHtml(cancel.toString())}">Cancel</a></p>
</form>`,
  );
};

const buildErrorPage = ({ code, sentence }: Refusal): string =>
  buildPage(
    "Something went wrong",
    `<p>The app could not be installed. Tell its developer:</p><p>${escapeHtml(sentence)}</p><p><code>${code}</code></p>`,
  );

const buildPage = (title: string, content: string): string => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }
button, select { font: inherit; padding: .4rem .8rem }
.choice { display: flex; flex-wrap: wrap; gap: 1rem; align-items: center }
</style></head>
<body><main><h1>${title}</h1>
${content}
</main></body></html>
`;

const sendPage = (response: ServerResponse, status: number, page: string) => {
  const csp = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
  response
    .writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "content-security-policy": csp })
    .end(page);
};

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, character => entities[character]!);

export { answerConsent };
