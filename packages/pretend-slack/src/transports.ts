import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { StateChange } from "@slack-fanout/laptop-cloud/kernel/state";
import type { Installation } from "./app";
import type { Block } from "./block";
import type { Answer, Commit, Door, OutgoingRequest, Transport } from "./deliveries";
import { type Bot, slackbot, type Team, webhookIntegration } from "./directory";
import type { Draft } from "./draft";
import { type EventContent, writeEnvelope } from "./events";
import { type Message, presentMessage } from "./message";
import type { RequestUrl } from "./request-url";
import type { ResponseUrls } from "./response-urls";
import { keepSubmissionAnswer, keepTrouble } from "./submission";
import type { Triggers } from "./triggers";
import type { View, Views } from "./views";
import type { Workspace } from "./workspace";

/** The stored content of a slash command: its form, and the id for its response URL. */
interface CommandContent extends Record<string, unknown> {
  form: Record<string, string>;
  responseId: string;
}

/** The stored content of a click or a submission: its payload without the parts that are built when it is sent. */
interface InteractionContent extends Record<string, unknown> {
  payload: InteractionPayload;
  /** Absent for ephemeral messages, which Slack does not store, and for views. */
  message?: Message;
  /** Absent for views. */
  responseId?: string;
}

interface InteractionPayload extends Record<string, unknown> {
  type: string;
  user: { id: string };
  trigger_id?: string;
  view?: { id: string };
}

/** The parts of the pretend Slack that requests are built from, and that answers are posted to. */
interface Sender {
  url: string;
  team: Team;
  bot: Bot;
  /** What the program has in Slack, wherever it is installed: an app that was uninstalled gets events about that. */
  listing: Installation;
  workspace: Workspace;
  requestUrl: RequestUrl | undefined;
  responseUrls: ResponseUrls;
  triggers: Triggers;
  views: Views;
  prepare(draft: Draft): { commit: Commit };
  recordView(user: string): void;
}

const form = "application/x-www-form-urlencoded";

const buildTransports = (slack: Sender): Record<Door, Transport> => {
  const { app, webhook, secrets } = slack.listing;

  const replyTo = (request: OutgoingRequest, message: Omit<Message, "ts">, visibleTo?: string) => {
    const channel = slack.workspace.channel(request.channel);
    const threadTs = slack.workspace.find(request.channel, request.ts)?.message.thread_ts;
    if (channel === undefined) return undefined;
    const threaded = threadTs === undefined ? message : { ...message, thread_ts: threadTs };
    return slack.prepare({ channel, message: threaded, visibleTo, trace: request.trace }).commit;
  };

  /** What happens to a modal that was submitted and is still open. */
  const commitView = ({ content }: OutgoingRequest, keep: (view: View) => StateChange): Commit | undefined => {
    const { type, view: submitted } = (content as InteractionContent).payload;
    const view = type === "view_submission" && submitted !== undefined ? slack.views.find(submitted.id) : undefined;
    return view && { changes: [keep(view)], after: () => slack.recordView(view.user) };
  };

  return {
    events: {
      signed: true,
      retried: true,
      url: () => app?.eventsUrl,
      refuse: async () => ((await slack.requestUrl?.verify()) === undefined ? undefined : "url_not_verified"),
      write: ({ content }) => ({
        contentType: "application/json",
        body: writeEnvelope(content as EventContent, { team: slack.team, slackUrl: slack.url, token: secrets.verificationToken }),
      }),
    },

    webhook: {
      signed: false,
      retried: true,
      url: () => webhook?.url,
      write: ({ content }) => ({
        contentType: form,
        body: new URLSearchParams({ token: webhook?.token ?? "", ...(content as Record<string, string>) }).toString(),
      }),
      answered: async (request, answer) => {
        const { text, username, attachments } = readJson(answer.body);
        if (typeof text !== "string" || text === "") return undefined;
        return replyTo(request, {
          subtype: "bot_message",
          bot_id: webhookIntegration.botId,
          username: typeof username === "string" ? username : (app?.botName ?? "outgoing-webhook"),
          text,
          ...blocksOf({ attachments }),
        });
      },
    },

    commands: {
      signed: true,
      retried: false,
      url: ({ event }) => app?.commands.get(event ?? "")?.url,
      write: ({ content }) => {
        const { form: fields, responseId } = content as CommandContent;
        const token = secrets.verificationToken;
        slack.triggers.start(fields["trigger_id"] ?? "", fields["user_id"] ?? "");
        const responseUrl = slack.responseUrls.format("commands", responseId);
        return {
          contentType: form,
          body: new URLSearchParams({ ...(token === undefined ? {} : { token }), ...fields, response_url: responseUrl }).toString(),
        };
      },
      answered: async (request, answer) => {
        const { text, blocks, attachments, response_type: type } = readCommandAnswer(answer);
        const shown = blocksOf({ blocks, attachments });
        if ((typeof text !== "string" || text === "") && Object.keys(shown).length === 0) return undefined;
        const message = {
          user: slack.bot.userId,
          bot_id: slack.bot.botId,
          app_id: slack.bot.appId,
          text: typeof text === "string" ? text : "",
          ...shown,
        };
        return replyTo(request, message, type === "in_channel" ? undefined : userOf(request));
      },
      failed: async (request, reason, status) => {
        const text = `${request.event} failed with the error "${commandErrorOf(reason, status)}"`;
        return replyTo(request, { user: slackbot.id, text }, userOf(request));
      },
    },

    interactions: {
      signed: true,
      retried: false,
      url: () => app?.interactivityUrl,
      write: ({ content }) => {
        const { payload, message, responseId } = content as InteractionContent;
        if (payload.trigger_id !== undefined) slack.triggers.start(payload.trigger_id, payload.user.id);
        const whole = {
          ...(secrets.verificationToken === undefined ? {} : { token: secrets.verificationToken }),
          ...payload,
          ...(message === undefined ? {} : { message: presentMessage(message, slack.team.id, slack.url) }),
          ...(responseId === undefined ? {} : { response_url: slack.responseUrls.format("actions", responseId) }),
        };
        return { contentType: form, body: new URLSearchParams({ payload: JSON.stringify(whole) }).toString() };
      },
      answered: async (request, { body }) => commitView(request, view => keepSubmissionAnswer(slack.views, view, body)),
      failed: async request => commitView(request, view => keepTrouble(slack.views, view)),
    },
  };
};

const userOf = ({ content }: OutgoingRequest) => (content as CommandContent).form["user_id"];

/** A command answers with a JSON message or plain text. */
const readCommandAnswer = ({ contentType, body }: Answer): Record<string, unknown> =>
  contentType.startsWith("application/json") ? readJson(body) : { text: body };

/** Slack ignores an answer that is not a JSON object. */
const readJson = (body: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
};

const blocksOf = (answer: { blocks?: unknown; attachments?: unknown }): { blocks?: Block[]; attachments?: Block[] } => ({
  ...(isList(answer.blocks) ? { blocks: answer.blocks } : {}),
  ...(isList(answer.attachments) ? { attachments: answer.attachments } : {}),
});

const isList = (value: unknown): value is Block[] => Array.isArray(value) && value.length > 0 && value.every(isObject);

/** The error code that Slack shows under a failed command. */
const commandErrorOf = (reason: string, status: number | null): string => {
  if (reason === "http_timeout") return "operation_timeout";
  if (status === null) return "dispatch_failed";
  return status < 500 ? "http_client_error" : "http_service_error";
};

export type { CommandContent, InteractionContent, InteractionPayload };
export { buildTransports };
