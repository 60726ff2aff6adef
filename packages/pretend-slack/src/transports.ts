import { isObject } from "../../laptop-cloud/src/kernel/json";
import type { Installation } from "./app";
import type { Answer, Carrier, Commit, Door, Parcel } from "./deliveries";
import { bot, slackbot, team, webhookIntegration } from "./directory";
import type { Draft } from "./draft";
import { type EventContent, writeEnvelope } from "./events";
import { type Block, type Message, presentMessage } from "./message";
import type { RequestUrl } from "./request-url";
import type { ResponseUrls } from "./response-urls";
import type { Workspace } from "./workspace";

/** What a slash command carries beside its form. */
interface CommandContent extends Record<string, unknown> {
  form: Record<string, string>;
  responseId: string;
}

/** What a pressed button carries: its payload without what is made anew when it is sent. */
interface ClickContent extends Record<string, unknown> {
  payload: Record<string, unknown>;
  /** Left out for ephemeral messages, which Slack does not keep. */
  message?: Message;
  responseId: string;
}

/** The workspace's side: what is carried out of it, and where answers are put. */
interface Sender {
  url: string;
  installation: Installation;
  workspace: Workspace;
  requestUrl: RequestUrl | undefined;
  responseUrls: ResponseUrls;
  prepare(draft: Draft): { commit: Commit };
}

const form = "application/x-www-form-urlencoded";

/** How each of the program's doors is called, and what its answer does. */
const buildCarriers = (slack: Sender): Record<Door, Carrier> => {
  const { app, webhook, secrets } = slack.installation;

  const replyTo = (parcel: Parcel, message: Omit<Message, "ts">, visibleTo?: string) => {
    const channel = slack.workspace.channel(parcel.channel);
    const threadTs = slack.workspace.find(parcel.channel, parcel.ts)?.message.thread_ts;
    if (channel === undefined) return undefined;
    const threaded = threadTs === undefined ? message : { ...message, thread_ts: threadTs };
    return slack.prepare({ channel, message: threaded, visibleTo, trace: parcel.trace }).commit;
  };

  return {
    events: {
      signed: true,
      retried: true,
      url: () => app?.eventsUrl,
      refuse: async () => ((await slack.requestUrl?.verify()) === undefined ? undefined : "url_not_verified"),
      write: ({ content }) => ({
        contentType: "application/json",
        body: writeEnvelope(content as EventContent, secrets.verificationToken, slack.url),
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
      answered: async (parcel, answer) => {
        const { text, username, attachments } = readJson(answer.body);
        if (typeof text !== "string" || text === "") return undefined;
        return replyTo(parcel, {
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
        const responseUrl = slack.responseUrls.format("commands", responseId);
        return {
          contentType: form,
          body: new URLSearchParams({ ...(token === undefined ? {} : { token }), ...fields, response_url: responseUrl }).toString(),
        };
      },
      answered: async (parcel, answer) => {
        const { text, blocks, attachments, response_type: type } = readCommandAnswer(answer);
        const shown = blocksOf({ blocks, attachments });
        if ((typeof text !== "string" || text === "") && Object.keys(shown).length === 0) return undefined;
        const message = { user: bot.userId, bot_id: bot.botId, app_id: bot.appId, text: typeof text === "string" ? text : "", ...shown };
        return replyTo(parcel, message, type === "in_channel" ? undefined : userOf(parcel));
      },
      failed: async (parcel, reason, status) => {
        const text = `${parcel.event} failed with the error "${commandErrorOf(reason, status)}"`;
        return replyTo(parcel, { user: slackbot.id, text }, userOf(parcel));
      },
    },

    interactions: {
      signed: true,
      retried: false,
      url: () => app?.interactivityUrl,
      write: ({ content }) => {
        const { payload, message, responseId } = content as ClickContent;
        const whole = {
          ...(secrets.verificationToken === undefined ? {} : { token: secrets.verificationToken }),
          ...payload,
          ...(message === undefined ? {} : { message: presentMessage(message, team.id, slack.url) }),
          response_url: slack.responseUrls.format("actions", responseId),
        };
        return { contentType: form, body: new URLSearchParams({ payload: JSON.stringify(whole) }).toString() };
      },
    },
  };
};

const userOf = ({ content }: Parcel) => (content as CommandContent).form["user_id"];

/** A command's answer is a JSON message, or plain text. */
const readCommandAnswer = ({ contentType, body }: Answer): Record<string, unknown> =>
  contentType.startsWith("application/json") ? readJson(body) : { text: body };

/** Slack takes an answer that is no JSON object for no answer. */
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

/** The word that Slack shows under a command that failed. */
const commandErrorOf = (reason: string, status: number | null): string => {
  if (reason === "http_timeout") return "operation_timeout";
  if (status === null) return "dispatch_failed";
  return status < 500 ? "http_client_error" : "http_service_error";
};

export type { ClickContent, CommandContent };
export { buildCarriers };
