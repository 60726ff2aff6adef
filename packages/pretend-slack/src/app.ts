import { quote } from "@slack-fanout/laptop-cloud/kernel/http";
import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import { type Program, settingOf, textSettingOf } from "@slack-fanout/laptop-cloud/kernel/program";

/** The installed app, as its manifest describes it. */
interface App {
  name: string;
  botName: string;
  /** By command, "/dibs". */
  commands: Map<string, { url: string; description: string; usageHint: string }>;
  eventsUrl?: string;
  botEvents: Set<string>;
  interactivityUrl?: string;
  /** Whether people can open the app's Home. */
  hasHome: boolean;
  scopes: ReadonlySet<string>;
  /** Where the consent page may redirect to. */
  redirectUrls: string[];
  /** Whether access tokens expire and are refreshed. */
  rotatesTokens: boolean;
  /** Whether organisations may install it for all their workspaces. */
  isForOrganisations: boolean;
  /** Shown in a new conversation with the agent. */
  suggestedPrompts: SuggestedPrompt[];
}

/** `message` is what the person says who chooses it. */
interface SuggestedPrompt {
  title: string;
  message: string;
}

/** The outgoing webhook, a separate integration. */
interface OutgoingWebhook {
  url: string;
  token: string;
}

interface Secrets {
  signingSecret?: string;
  verificationToken?: string;
  botToken?: string;
  clientId?: string;
  clientSecret?: string;
}

/** What the program has in Slack or in one workspace, with a sentence for each part that could not be installed. */
interface Installation {
  app?: App;
  /** Where people begin to install the app in their workspaces. A custom app of one workspace has none. */
  installUrl?: string;
  webhook?: OutgoingWebhook;
  /** Words for the outgoing webhook or, without one, for the app. */
  triggerWords: string[];
  secrets: Secrets;
  problems: string[];
}

/** Installs the app from the stack's `slackManifest`, and the outgoing webhook from `webhookUrl` and `triggerWords`. */
const install = (program: Program): Installation => {
  const problems: string[] = [];
  const secrets = {
    signingSecret: firstOf(textSettingOf(program, "slackSigningSecret")),
    verificationToken: firstOf(textSettingOf(program, "slackVerificationToken")),
    botToken: textSettingOf(program, "slackBotToken"),
    clientId: textSettingOf(program, "slackClientId"),
    clientSecret: textSettingOf(program, "slackClientSecret"),
  };
  const triggerWords = listOf(settingOf(program, "triggerWords"));
  return {
    app: installApp(program.outputs["slackManifest"], problems),
    installUrl: urlIn(program.outputs, "installUrl", "the stack output installUrl", problems),
    webhook: triggerWords.length === 0 ? undefined : installWebhook(program, secrets, problems),
    triggerWords,
    secrets,
    problems,
  };
};

const installApp = (output: unknown, problems: string[]): App | undefined => {
  if (output === undefined || output === null) return undefined;
  const manifest = readManifest(output);
  if (manifest === undefined) {
    problems.push(`The stack output slackManifest is ${quote(output)}, but must be an app manifest, a JSON object. No app is installed.`);
    return undefined;
  }
  const features = objectIn(manifest, "features");
  const settings = objectIn(manifest, "settings");
  const events = objectIn(settings, "event_subscriptions");
  const oauth = objectIn(manifest, "oauth_config");
  const name = textIn(objectIn(manifest, "display_information"), "name") ?? "App";
  const app: App = {
    name,
    botName: textIn(objectIn(features, "bot_user"), "display_name") ?? name,
    commands: new Map(),
    eventsUrl: urlIn(events, "request_url", "settings.event_subscriptions.request_url", problems),
    botEvents: new Set(textsIn(events, "bot_events")),
    interactivityUrl: urlIn(objectIn(settings, "interactivity"), "request_url", "settings.interactivity.request_url", problems),
    hasHome: objectIn(features, "app_home")["home_tab_enabled"] === true,
    scopes: new Set(textsIn(objectIn(oauth, "scopes"), "bot")),
    redirectUrls: textsIn(oauth, "redirect_urls"),
    rotatesTokens: settings["token_rotation_enabled"] === true,
    isForOrganisations: settings["org_deploy_enabled"] === true,
    suggestedPrompts: readPrompts(objectIn(features, "agent_view")["suggested_prompts"], problems),
  };
  const commands = features["slash_commands"];
  for (const [index, entry] of (Array.isArray(commands) ? commands.filter(isObject) : []).entries()) {
    const command = textIn(entry, "command");
    const url = urlIn(entry, "url", `features.slash_commands[${index}].url`, problems);
    if (command === undefined || !/^\/\S+$/.test(command)) {
      problems.push(`features.slash_commands[${index}].command is ${quote(entry["command"])}, but must be a slash and a word.`);
    } else if (url !== undefined) {
      app.commands.set(command, { url, description: textIn(entry, "description") ?? "", usageHint: textIn(entry, "usage_hint") ?? "" });
    }
  }
  problems.push(...missingScopes(app));
  return app;
};

/** Source: https://docs.slack.dev/reference/app-manifest#features */
const MAX_PROMPTS = 4;

const readPrompts = (prompts: unknown = [], problems: string[]): SuggestedPrompt[] => {
  const read = Array.isArray(prompts) ? prompts.filter(isPrompt) : [];
  if (Array.isArray(prompts) && prompts.length <= MAX_PROMPTS && read.length === prompts.length) return read;
  problems.push(
    `features.agent_view.suggested_prompts is ${quote(prompts)}, but must be at most ${MAX_PROMPTS} objects with a title and a message.`,
  );
  return read.slice(0, MAX_PROMPTS);
};

const isPrompt = (prompt: unknown): prompt is SuggestedPrompt =>
  isObject(prompt) && textIn(prompt, "title") !== undefined && textIn(prompt, "message") !== undefined;

const installWebhook = (program: Program, secrets: Secrets, problems: string[]): OutgoingWebhook | undefined => {
  const url = urlIn(program.outputs, "webhookUrl", "the stack output webhookUrl", problems);
  if (url === undefined) return undefined;
  if (secrets.verificationToken === undefined)
    problems.push("slackVerificationToken is not set: the outgoing webhook is sent without a token.");
  return { url, token: secrets.verificationToken ?? "" };
};

const readManifest = (output: unknown): Record<string, unknown> | undefined => {
  if (isObject(output)) return output;
  try {
    const value: unknown = JSON.parse(String(output));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** The scope that an event subscription needs. Source: each event's page under https://docs.slack.dev/reference/events */
const scopeOfEvent: Record<string, string> = {
  agent_session_stopped: "chat:write",
  app_mention: "app_mentions:read",
  "message.channels": "channels:history",
  "message.groups": "groups:history",
  "message.im": "im:history",
  "message.mpim": "mpim:history",
  member_joined_channel: "channels:read",
  reaction_added: "reactions:read",
  reaction_removed: "reactions:read",
  team_join: "users:read",
};

const missingScopes = (app: App): string[] =>
  [...app.botEvents]
    .filter(event => scopeOfEvent[event] !== undefined && !app.scopes.has(scopeOfEvent[event]))
    .map(event => `The event ${event} needs the scope ${scopeOfEvent[event]}, which the manifest does not ask for; it is not sent.`);

const isDeliverable = (app: App, event: string) =>
  app.botEvents.has(event) && (scopeOfEvent[event] === undefined || app.scopes.has(scopeOfEvent[event]));

/** During a rotation two secrets are valid; Slack uses the first. */
const firstOf = (secrets: string | undefined) => secrets?.split(",")[0]?.trim();

const objectIn = (value: Record<string, unknown>, key: string): Record<string, unknown> => {
  const inner = value[key];
  return isObject(inner) ? inner : {};
};

const textIn = (value: Record<string, unknown>, key: string): string | undefined => {
  const text = value[key];
  return typeof text === "string" && text !== "" ? text : undefined;
};

const textsIn = (value: Record<string, unknown>, key: string): string[] => {
  const texts = value[key];
  return Array.isArray(texts) ? texts.filter(text => typeof text === "string") : [];
};

const loopbackHosts = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** A URL that the pretend Slack may call: only on this machine. */
const urlIn = (value: Record<string, unknown>, key: string, where: string, problems: string[]): string | undefined => {
  const url = value[key];
  if (url === undefined || url === null) return undefined;
  if (typeof url === "string" && URL.canParse(url) && loopbackHosts.has(new URL(url).hostname)) return url;
  problems.push(`${where} is ${quote(url)}: the pretend Slack calls URLs on this machine only.`);
  return undefined;
};

/** Words as a list, as JSON, or separated by commas. */
const listOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.map(String).filter(word => word !== "");
  if (typeof value !== "string") return [];
  if (value.trimStart().startsWith("[")) return listOf(JSON.parse(value));
  return value
    .split(",")
    .map(word => word.trim())
    .filter(word => word !== "");
};

export type { App, Installation, OutgoingWebhook, Secrets, SuggestedPrompt };
export { install, isDeliverable };
