/** The rules for an agent's calls: where it may post, and how much. A violation throws `ToolRefused`, which names the rule. */
import { buildSafeMarkdown, buildSafeMrkdwn } from "#core/agent/safe-text";
import { buildStreamText } from "#core/agent/stream-text";
import type { ToolCall, ToolName } from "#core/agent/tools";
import { MAX_REASON_CHARACTERS } from "#core/dibs/queue";
import { ToolRefused } from "#core/errors";
import { buildQuote } from "#core/quote";

/** The first word of a refusal. The last six rules are those of the tools themselves. */
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
  | "documents"
  | "file"
  | "slack"
  | "trello";

/** Where a task was asked for, which is where it may post. */
interface TaskPlace {
  channel: string;
  threadTs?: string | undefined;
}

interface Place {
  channel: string;
  threadTs?: string;
}

/** Limits of texts, in characters. */
const MAX_CHARACTERS = {
  /** Slack truncates longer messages. Source: https://docs.slack.dev/reference/methods/chat.postMessage#truncating */
  text: 40_000,
  /** Our own limit. */
  title: 255,
  /** Enough for a report of 30 pages, and below the limit of Slack. */
  markdown: 100_000,
  /** Trello allows 16,384, including our reference below the description. Source: https://developer.atlassian.com/cloud/trello/rest/api-group-cards/ */
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

/** Decides where a post goes: in the task's own channel, always to its thread. Throws `ToolRefused` (`channel`, `thread`). */
const choosePlace = (asked: { channel?: string; thread?: string }, task: TaskPlace | undefined, allowed: readonly string[]): Place => {
  const channel = chooseChannel(asked.channel, task, allowed);
  if (channel === task?.channel) return task.threadTs === undefined ? { channel } : { channel, threadTs: task.threadTs };
  if (asked.thread === undefined) return { channel };
  if (!MESSAGE_TS.test(asked.thread)) return refuse("thread", `${buildQuote(asked.thread)} is not the ts of a message.`);
  return { channel, threadTs: asked.thread };
};

/** Lists the texts of a call as Slack or Trello would get them. */
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
    case "write_answer":
      return [["text", buildStreamText(call.args.text)]];
    case "read_words":
    case "release_dibs":
    case "read_thread":
    case "read_conversation":
    case "read_file":
    case "find_files":
    case "open_task":
    case "show_session":
    case "report_progress":
      return [];
  }
};

/** Throws `ToolRefused` (`length`) if a text of the call is empty or too long. */
const verifyLengths = (call: ToolCall): void => {
  for (const [what, text] of textsOf(call)) {
    if (text.trim() === "") refuse("length", `the ${what} is empty.`);
    if (text.length > MAX_CHARACTERS[what]) refuse("length", `the ${what} has ${text.length} characters; ${MAX_CHARACTERS[what]} at most.`);
  }
};

/** Throws `ToolRefused` (`key`) if the key was used with other arguments before. */
const verifyFingerprint = (tool: ToolName, known: string, given: string): void => {
  if (known !== given) refuse("key", `this idempotency key was already used for another call of ${tool}, or for another tool.`);
};

export type { Place, TaskPlace };
export { chooseChannel, choosePlace, refuse, verifyFingerprint, verifyLengths };
