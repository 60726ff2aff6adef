/** The rules that an agent's calls keep to: where it may post, and how much. A broken one is a `ToolRefused` that names it. */
import type { ToolName } from "#core/agent-tools";
import { ToolRefused } from "#core/errors";
import { buildQuote } from "#core/quote";

/** The first word of a refusal's text. The last five are of what a call asks for, the others are limits set to every call. */
type Rule =
  | "channel"
  | "thread"
  | "task-limit"
  | "day-limit"
  | "length"
  | "approval"
  | "task"
  | "key"
  | "arguments"
  | "dibs"
  | "slack"
  | "trello";

/** Where a task was asked for, and thereby where it may speak. */
interface TaskPlace {
  channel: string;
  threadTs?: string | undefined;
}

interface Place {
  channel: string;
  threadTs?: string;
}

/** What each text may have, in characters. */
const MAX_CHARACTERS = {
  /** Slack cuts a message there. Source: https://docs.slack.dev/reference/methods/chat.postMessage#truncating */
  text: 40_000,
  /** A title that is longer is none. */
  title: 255,
  /** Large enough for a report of 30 pages, and below what Slack takes. */
  markdown: 100_000,
  /** Source: https://developer.atlassian.com/cloud/trello/rest/api-group-cards/ */
  name: 16_384,
  description: 16_384,
} as const;

const MESSAGE_TS = /^[0-9]{1,16}\.[0-9]{6}$/;

const refuse = (rule: Rule, message: string): never => {
  throw new ToolRefused(rule, message);
};

/** Decides the channel of a call: the task's own or one of `allowed`. Throws `ToolRefused` (`channel`). */
const chooseChannel = (asked: string | undefined, task: TaskPlace | undefined, allowed: readonly string[]): string => {
  const channel = asked ?? task?.channel ?? allowed[0];
  if (channel === undefined) return refuse("channel", "no channel is given, and none is configured.");
  if (channel === task?.channel || allowed.includes(channel)) return channel;
  return refuse("channel", `${buildQuote(channel)} is neither the task's own channel nor one of those configured for agents.`);
};

/** Decides where a post goes; in the task's own channel always its thread. Throws `ToolRefused` (`channel`, `thread`). */
const choosePlace = (asked: { channel?: string; thread?: string }, task: TaskPlace | undefined, allowed: readonly string[]): Place => {
  const channel = chooseChannel(asked.channel, task, allowed);
  if (channel === task?.channel) return task.threadTs === undefined ? { channel } : { channel, threadTs: task.threadTs };
  if (asked.thread === undefined) return { channel };
  if (!MESSAGE_TS.test(asked.thread)) return refuse("thread", `${buildQuote(asked.thread)} is no ts of a message.`);
  return { channel, threadTs: asked.thread };
};

/** Throws `ToolRefused` (`length`) for a text that is empty or longer than `what` may be. */
const verifyLength = (what: keyof typeof MAX_CHARACTERS, text: string): void => {
  if (text.trim() === "") refuse("length", `the ${what} is empty.`);
  if (text.length > MAX_CHARACTERS[what]) refuse("length", `the ${what} has ${text.length} characters; ${MAX_CHARACTERS[what]} at most.`);
};

/** Throws `ToolRefused` (`key`) when a key stood for other arguments before. */
const verifyFingerprint = (tool: ToolName, known: string, given: string): void => {
  if (known !== given) refuse("key", `this idempotency key came with another call of ${tool}, or of another tool, before.`);
};

export type { Place, Rule, TaskPlace };
export { chooseChannel, choosePlace, refuse, verifyFingerprint, verifyLength };
