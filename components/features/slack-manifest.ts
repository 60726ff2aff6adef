import type { AppsManifestCreateArguments } from "@slack/web-api";

type Manifest = AppsManifestCreateArguments["manifest"];

type BotScope = NonNullable<NonNullable<NonNullable<Manifest["oauth_config"]>["scopes"]>["bot"]>[number];

type BotEvent = NonNullable<NonNullable<NonNullable<Manifest["settings"]>["event_subscriptions"]>["bot_events"]>[number];

/** Slack has these; the types of @slack/web-api 8 don't. */
const WRITE_CANVASES = "canvases:write" as string as BotScope;
const SESSION_STOPPED = "agent_session_stopped" as string as BotEvent;
const WRITE_SESSIONS = "assistant:write" as string as BotScope;

/** How Slack presents the agent in a new conversation. Source: https://docs.slack.dev/ai/developing-agents */
const AGENT_VIEW = {
  agent_description: "Does tasks that may take hours, and answers in threads.",
  suggested_prompts: [
    { title: "What can you do?", message: "help" },
    { title: "What did the team talk about?", message: "report words 10" },
  ],
};

interface SlackManifestArgs {
  /** The base URL of the doors. */
  url: string;
  /** Whether the stack has the file archive, and so the command `/archive`. */
  hasDocuments: boolean;
  /** Whether the stack has turn queues, and so the command `/dibs`. */
  hasDibs: boolean;
  /** Whether the stack has an agent, and so the command `/ask`. */
  hasAgent: boolean;
  /** Whether people have a Home, which events publish. */
  hasHome: boolean;
  /** Whether the app joins public channels by itself. */
  joinsChannels: boolean;
  /** Whether many workspaces install the app, and whether their tokens expire. */
  isShared: boolean;
  rotatesTokens: boolean;
}

/** What decides about scopes. */
type Offers = Pick<SlackManifestArgs, "hasDocuments" | "hasAgent" | "joinsChannels">;

/** The scopes that the bot asks for. Source: https://docs.slack.dev/reference/scopes */
const listScopes = ({ hasDocuments, hasAgent, joinsChannels }: Offers): BotScope[] => [
  // To receive the manifest's events.
  "app_mentions:read",
  "channels:history",
  "groups:history",
  "im:history",
  "mpim:history",
  "reactions:read",
  // Slash commands.
  "commands",
  // To download shared files.
  ...(hasDocuments || hasAgent ? (["files:read"] as const) : []),
  // To post notices, in channels and as direct messages.
  "chat:write",
  "im:write",
  // For agents to write longer documents.
  ...(hasAgent ? [WRITE_CANVASES] : []),
  // For agents to show how they work, and to read what was shared with them.
  ...(hasAgent ? [WRITE_SESSIONS] : []),
  ...(joinsChannels ? (["channels:join"] as const) : []),
  // To find channels, people and their time zones, and to be told when people join.
  "channels:read",
  "groups:read",
  "im:read",
  "users:read",
];

/** The complete app manifest, to paste at api.slack.com. Source: https://docs.slack.dev/reference/app-manifest */
const buildSlackManifest = ({ url, ...offers }: SlackManifestArgs): Manifest => ({
  _metadata: { major_version: 1, minor_version: 1 },
  display_information: {
    name: "slack-fanout",
    description: "Counts words and hashtags, archives files and runs functions on messages",
    background_color: "#1b2a41",
  },
  features: {
    app_home: { home_tab_enabled: offers.hasHome, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
    bot_user: { display_name: "fanout", always_online: true },
    slash_commands: [
      {
        command: "/words",
        url: `${url}/commands`,
        description: "Show the most frequent words and hashtags",
        usage_hint: "[how many, 1 to 50] [today | week | month] [here] [mine] | a word | off | on | forget | help",
        should_escape: false,
      },
      ...(offers.hasDocuments ? [buildArchive(`${url}/commands`)] : []),
      ...(offers.hasDibs ? [buildDibs(`${url}/commands`)] : []),
      ...(offers.hasAgent ? [buildAsk(`${url}/commands`)] : []),
    ],
    ...(offers.hasAgent ? { agent_view: AGENT_VIEW } : {}),
  },
  oauth_config: {
    ...(offers.isShared ? { redirect_urls: [`${url}/install/callback`] } : {}),
    scopes: { bot: listScopes(offers) },
  },
  settings: {
    event_subscriptions: {
      request_url: `${url}/events`,
      bot_events: [
        // Messages, their edits and deletions.
        ...(["app_mention", "message.channels", "message.groups", "message.im", "message.mpim"] as const),
        ...(["member_joined_channel", "reaction_added", "reaction_removed", "team_join"] as const),
        // People open the app's Home, or the conversation with the agent.
        ...(offers.hasHome || offers.hasAgent ? (["app_home_opened"] as const) : []),
        // People press Slack's own stop button.
        ...(offers.hasAgent ? ([SESSION_STOPPED] as const) : []),
        // A workspace removes the app, or revokes its tokens.
        ...(offers.isShared ? (["app_uninstalled", "tokens_revoked"] as const) : []),
      ],
    },
    interactivity: { is_enabled: true, request_url: `${url}/interactions` },
    org_deploy_enabled: offers.isShared,
    socket_mode_enabled: false,
    token_rotation_enabled: offers.rotatesTokens,
  },
});

const buildArchive = (url: string) => ({
  command: "/archive",
  url,
  description: "Find the latest archived files with a hashtag",
  usage_hint: "#tag",
  should_escape: false,
});

const buildDibs = (url: string) => ({
  command: "/dibs",
  url,
  description: "Take turns on shared resources",
  usage_hint: "on staging for 45 minutes | off | who staging | help",
  // So that mentions arrive as ids: `kick @somebody`.
  should_escape: true,
});

const buildAsk = (url: string) => ({
  command: "/ask",
  url,
  description: "Give the agent a task",
  usage_hint: "what to do | stop | help",
  // So that mentions of people and channels arrive as ids.
  should_escape: true,
});

export type { Offers };
export { buildSlackManifest, listScopes };
