/** The Home of one person: what it shows, and its buttons. Source: https://docs.slack.dev/surfaces/app-home */
import { buildStopRow } from "#core/agent/buttons";
import type { Task } from "#core/agent/task";
import { buildTaskLine } from "#core/agent/task-card";
import { buildQueueBlocks, formatThing, type Reader } from "#core/dibs/answer";
import type { Queue } from "#core/dibs/queue";
import { buildButton, type ModalName } from "#core/home/modal";
import type { JsonObject } from "#core/json";
import { cutLines } from "#core/slack/section-text";

/** What the person may see. What is off in the stack is undefined. */
interface HomeContent extends Reader {
  /** Escaped mrkdwn. */
  note?: string | undefined;
  /** Scopes that the app needs by now and this installation lacks, and where to install it again. */
  missing?: { scopes: readonly string[]; installUrl: string } | undefined;
  queues?: readonly Queue[] | undefined;
  /** Escaped mrkdwn. */
  words?: string | undefined;
  /** The person's own unfinished tasks. */
  tasks?: readonly Task[] | undefined;
  isAdmin: boolean;
  /** Whether admins may change settings of the workspace. */
  hasSettings: boolean;
}

/** A Home has up to 100 blocks: a queue in use takes two, as does a task, and a free resource takes one. */
const MAX_QUEUES = 20;
const MAX_FREE = 20;
const MAX_TASKS = 10;

const buildHeader = (text: string): JsonObject => ({ type: "header", text: { type: "plain_text", text } });

const buildText = (text: string): JsonObject => ({ type: "section", text: { type: "mrkdwn", text: cutLines(text) } });

const buildActions = (names: readonly ModalName[]): JsonObject[] =>
  names.length === 0 ? [] : [{ type: "actions", elements: names.map(name => buildButton(name)) }];

const countMore = (all: readonly unknown[], shown: number): JsonObject[] =>
  all.length > shown ? [buildText(`... and ${all.length - shown} more`)] : [];

const buildMissing = ({ missing }: HomeContent): JsonObject[] =>
  missing === undefined || missing.scopes.length === 0
    ? []
    : [
        buildText(
          `:warning: The app can do more by now than this workspace allows it. <${missing.installUrl}|Install it again> to allow: ${missing.scopes.join(", ")}.`,
        ),
      ];

const buildTurns = ({ queues, isAdmin, ...reader }: HomeContent): JsonObject[] => {
  if (queues === undefined) return [];
  const used = queues.filter(({ claims }) => claims.length > 0);
  const free = queues.filter(({ claims }) => claims.length === 0);
  return [
    buildHeader("Turns"),
    ...buildActions(isAdmin ? ["home_claim", "home_add", "home_rename"] : ["home_claim"]),
    ...used.slice(0, MAX_QUEUES).flatMap(queue => buildQueueBlocks(queue, reader)),
    ...countMore(used, MAX_QUEUES),
    ...free
      .slice(0, MAX_FREE)
      .map(queue => ({ ...buildText(`${formatThing(queue)} is free.`), accessory: buildButton("home_claim", queue.name) })),
    ...countMore(free, MAX_FREE),
    ...(queues.length === 0 ? [buildText("Nobody has claimed anything yet.")] : []),
  ];
};

const buildTasks = ({ tasks, nowMs }: HomeContent): JsonObject[] => {
  if (tasks === undefined) return [];
  return [
    buildHeader("Your tasks"),
    ...tasks.slice(0, MAX_TASKS).flatMap(task => [buildText(buildTaskLine(task, nowMs)), buildStopRow(task.id)]),
    ...countMore(tasks, MAX_TASKS),
    ...(tasks.length === 0 ? [buildText("You have no unfinished tasks.")] : []),
  ];
};

/** Builds the view for `views.publish`. */
const buildHome = (content: HomeContent): JsonObject => {
  const { note, words, isAdmin, hasSettings } = content;
  return {
    type: "home",
    blocks: [
      ...(note ? [buildText(note), { type: "divider" }] : []),
      ...buildMissing(content),
      ...buildTurns(content),
      ...(words === undefined ? [] : [buildHeader("Words of the week"), buildText(words)]),
      ...buildTasks(content),
      ...(isAdmin && hasSettings ? [buildHeader("For admins"), ...buildActions(["home_settings"])] : []),
    ],
  };
};

/** Builds the view for a person of another company, who sees nothing of the workspace. */
const buildHomeOfStranger = (): JsonObject => ({
  type: "home",
  blocks: [buildText("This app works for the people of another company. Only they see their turns, words and tasks here.")],
});

export type { HomeContent };
export { buildHome, buildHomeOfStranger };
