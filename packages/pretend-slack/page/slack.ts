/** Client of the pretend Slack. */
import { post, request } from "@slack-fanout/laptop-cloud/page";
import type { SlackAnswers, SlackCommands } from "../src/protocol";

const get = <Name extends keyof SlackAnswers>(name: Name, query: Record<string, string> = {}) =>
  request<SlackAnswers[Name]>(`/slack/${name}?${new URLSearchParams(query)}`);

const command = <Name extends keyof SlackCommands>(name: Name, body: SlackCommands[Name]) =>
  post<{ ok: true; ts: string }>(`/slack/${name}`, body);

const slack = {
  readWorkspace: () => get("state"),
  /** The latest messages of a channel as one person sees them, optionally before a timestamp. */
  readMessages: (channel: string, user: string, limit: number, before?: string) =>
    get("messages", { channel, user, limit: String(limit), ...(before === undefined ? {} : { before }) }),
  /** How many deliveries to the program are expected, done and given up. */
  readDeliveries: () => get("deliveries"),
  say: (content: SlackCommands["say"]) => command("say", content),
  click: (click: SlackCommands["click"]) => command("click", click),
  edit: (edit: SlackCommands["edit"]) => command("edit", edit),
  delete: (target: SlackCommands["delete"]) => command("delete", target),
  stop: (session: SlackCommands["stop"]) => command("stop", session),
  open: (direct: SlackCommands["open"]) => command("open", direct),
  react: (reaction: SlackCommands["react"]) => command("react", reaction),
};

export { slack };
