/** The rules that an agent's calls keep to: where it may post, and how much. A broken one is a `ToolRefused` that names it. */

import { buildSafeMarkdown, buildSafeMrkdwn } from "#core/agent/safe-text";
import type { ToolCall, ToolName } from "#core/agent/tools";
import { MAX_REASON_CHARACTERS } from "#core/dibs/queue";
import { ToolRefused } from "#core/errors";
import { buildQuote } from "#core/quote";

/** The first word of a refusal's text. The last four come from what a tool itself says to the call. */
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
  /** Trello's is 16,384, for the description with our reference below it. Source: https://developer.atlassian.com/cloud/trello/rest/api-group-cards/ */
  name: 16_384,
  description: 16_000,
  reason: MAX_REASON_CHARACTERS,
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
  if (!MESSAGE_TS.test(asked.thread)) return refuse("thread", `${buildQuote(asked.thread)} is not the ts of a message.`);
  return { channel, threadTs: asked.thread };
};

/** Each text of a call, as it would be shown. */
const textsOf = (call: ToolCall): [what: keyof typeof MAX_CHARACTERS, text: string][] => {
  switch (call.name) {
    case "post_to_slack":
    case "update_message":
      return [["text", buildSafeMrkdwn(call.args.text)]];
    case "create_canvas":
      return [
        ["title", call.args.title],
        ["markdown", buildSafeMarkdown(call.args.markdown)],
      ];
    case "create_trello_card":
      return [
        ["name", call.args.name],
        ...(call.args.description ? [["description", call.args.description] as ["description", string]] : []),
      ];
    case "claim_dibs":
      return call.args.reason === undefined ? [] : [["reason", call.args.reason]];
    case "read_words":
    case "release_dibs":
    case "report_progress":
      return [];
  }
};

/** Throws `ToolRefused` (`length`) when a text of the call is empty or too long. */
const verifyLengths = (call: ToolCall): void => {
  for (const [what, text] of textsOf(call)) {
    if (text.trim() === "") refuse("length", `the ${what} is empty.`);
    if (text.length > MAX_CHARACTERS[what]) refuse("length", `the ${what} has ${text.length} characters; ${MAX_CHARACTERS[what]} at most.`);
  }
};

/** Throws `ToolRefused` (`key`) when a key stood for other arguments before. */
const verifyFingerprint = (tool: ToolName, known: string, given: string): void => {
  if (known !== given) refuse("key", `this idempotency key was already used for another call of ${tool}, or for another tool.`);
};

export type { Place, Rule, TaskPlace };
export { chooseChannel, choosePlace, refuse, verifyFingerprint, verifyLengths };
