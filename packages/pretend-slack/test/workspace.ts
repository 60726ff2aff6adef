import { type Logger, LogLevel, WebClient } from "@slack/web-api";
import type { Program } from "@slack-fanout/laptop-cloud/kernel/program";
import type { ServiceDefinition } from "@slack-fanout/laptop-cloud/kernel/service";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import type { SlackAnswers } from "../src/protocol";
import { createSlack } from "../src/service";
import type { Doors } from "./doors";

const secrets = { signing: "a-signing-secret", verification: "a-verification-token", bot: "xoxb-a-bot-token" };

const botScopes = [
  "app_mentions:read",
  "assistant:write",
  "channels:history",
  "channels:join",
  "channels:read",
  "chat:write",
  "commands",
  "files:read",
  "files:write",
  "groups:history",
  "groups:read",
  "im:history",
  "im:read",
  "im:write",
  "reactions:read",
  "reactions:write",
  "users:read",
];

const buildManifest = (url: string, scopes = botScopes) => ({
  display_information: { name: "Fan-out" },
  features: {
    bot_user: { display_name: "fanout" },
    agent_view: { agent_description: "Answers", suggested_prompts: [{ title: "Catch up", message: "What is new?" }] },
    slash_commands: [{ command: "/dibs", url: `${url}/commands`, description: "Take turns" }],
  },
  oauth_config: { scopes: { bot: scopes } },
  settings: {
    event_subscriptions: {
      request_url: `${url}/events`,
      bot_events: [
        ...["message.channels", "message.groups", "message.im", "app_mention"],
        ...["member_joined_channel", "reaction_added", "reaction_removed", "team_join"],
        ...["agent_session_stopped", "app_home_opened"],
      ],
    },
    interactivity: { is_enabled: true, request_url: `${url}/interactions` },
  },
});

const buildProgram = (url: string, changes: Partial<Program> = {}): Program => ({
  outputs: { webhookUrl: `${url}/webhook`, slackManifest: JSON.stringify(buildManifest(url)), ...changes.outputs },
  secretOutputs: [],
  config: {
    "any-project:slackSigningSecret": secrets.signing,
    "any-project:slackVerificationToken": secrets.verification,
    "any-project:slackBotToken": secrets.bot,
    "any-project:triggerWords": '["awsadvent"]',
    ...changes.config,
  },
});

interface Options {
  program?: Partial<Program>;
  directory?: string;
  definitions?: ServiceDefinition[];
}

/** The fields of `GET {slack}/messages` that tests read. */
interface ShownMessage {
  ts: string;
  text: string;
  user?: string;
  subtype?: string;
  username?: string;
  thread_ts?: string;
  streaming_state?: string;
  bot_id?: string;
  edited?: { user: string; ts: string };
  reactions?: { name: string; users: string[]; count: number }[];
  ephemeral: boolean;
  blocks?: unknown[];
  deliveries: { door: string; event?: string; state: string; status: number | null; reason?: string; retries: number; signed: boolean }[];
}

interface ShownState {
  app: { name: string; suggestedPrompts: object[]; events: { verified: boolean; problem: string | null } } | null;
  triggerWords: string[];
  problems: string[];
  people: string[];
  channels: { id: string; kind: string; members: string[] }[];
}

/** The error of a refused call. Throws if the call succeeds. */
const errorOf = async (call: Promise<unknown>): Promise<{ error: string; needed?: string; provided?: string }> => {
  const error = await call.then(
    () => undefined,
    (cause: { data?: { error: string } }) => cause,
  );
  if (error?.data === undefined) throw new Error("the call was not refused");
  return error.data;
};

/** Refusals are tested, so they must not fill the output. */
const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/** A cloud with only the pretend Slack, whose app has its URLs at `doors`. */
const startWorkspace = async (doors: Doors, { program, directory, definitions = [] }: Options = {}) => {
  const laptop = await startLaptop({ definitions: [createSlack(() => buildProgram(doors.url, program)), ...definitions], directory });
  const slackUrl = `${laptop.cloud.place.pageUrl}/slack`;
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${slackUrl}/${path}`, { method: "POST", body: JSON.stringify(body) });
    return {
      status: response.status,
      body: (await response.json()) as { ok: boolean; ts: string; user?: string; channel?: string; error: string; message: string },
    };
  };
  return {
    ...laptop,
    slackUrl,
    post,
    say: async (saying: Record<string, unknown>) => {
      const { status, body } = await post("say", { user: "U0001", channel: "C0001", ...saying });
      if (status !== 200) throw new Error(body.message);
      return body.ts;
    },
    messages: async (channel = "C0001", user = "U0001") => {
      const response = await fetch(`${slackUrl}/messages?channel=${channel}&user=${user}`);
      return ((await response.json()) as { messages: ShownMessage[] }).messages;
    },
    state: async () => (await (await fetch(`${slackUrl}/state`)).json()) as ShownState,
    sessions: async () => (await (await fetch(`${slackUrl}/sessions`)).json()) as SlackAnswers["sessions"],
    streams: async () => (await (await fetch(`${slackUrl}/streams`)).json()) as SlackAnswers["streams"],
    web: (token: string | undefined = secrets.bot) =>
      new WebClient(token, { slackApiUrl: `${slackUrl}/api/`, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, logger: silent }),
  };
};

type TestWorkspace = Awaited<ReturnType<typeof startWorkspace>>;

export type { TestWorkspace };
export { buildManifest, buildProgram, errorOf, secrets, startWorkspace };
