/** Client of the pretend Slack. */
import { post, request } from "@slack-fanout/laptop-cloud/page";
import type { SlackAnswers, SlackCommands } from "../src/protocol";

const get = <Name extends keyof SlackAnswers>(name: Name, query: Record<string, string> = {}) =>
  request<SlackAnswers[Name]>(`/slack/${name}?${new URLSearchParams(query)}`);

const command = <Name extends keyof SlackCommands>(name: Name, body: SlackCommands[Name]) =>
  post<{ ok: true; ts: string }>(`/slack/${name}`, body);

const slack = {
  /** The workspace with this id, or the one that a channel is in; the first by default. */
  readWorkspace: (which: { team?: string; channel?: string }) => get("state", which),
  readView: (name: "home" | "views", user: string) => get(name, { user }),
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
  openHome: (who: SlackCommands["open-home"]) => command("open-home", who),
  submit: (submission: SlackCommands["submit"]) => command("submit", submission),
  close: (view: SlackCommands["close"]) => command("close", view),
  react: (reaction: SlackCommands["react"]) => command("react", reaction),
};

export { slack };
