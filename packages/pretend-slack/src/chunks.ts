import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { Block } from "./block";
import { buildBlocks } from "./message-content";
import { invalidArguments, SlackError } from "./slack-error";
import { type Chunk, type DisplayMode, TASK_STATUSES, type TaskChunk } from "./stream";

const MAX_MARKDOWN_LENGTH = 12_000;

/** Of a title, details and output, in one chunk. */
const MAX_TASK_TEXT_LENGTH = 256;

/** The text without a chunk of its own comes first. Throws `SlackError` `invalid_arguments`, `invalid_blocks`, `msg_too_long`. */
const readChunks = (markdown: string | undefined, chunks: unknown[] = []): Chunk[] => [
  ...(markdown === undefined ? [] : [{ type: "markdown_text" as const, text: readMarkdown(markdown) }]),
  ...chunks.map((chunk, index) => readChunk(chunk, `/chunks/${index}`)),
];

const readChunk = (chunk: unknown, at: string): Chunk => {
  if (!isObject(chunk)) throw invalidArguments("must be an object", at);
  switch (chunk["type"]) {
    case "markdown_text":
      return { type: "markdown_text", text: readMarkdown(readText(chunk, "text", at)) };
    case "task_update":
      return readTask(chunk, at);
    case "plan_update":
      return { type: "plan_update", title: readShortText(chunk, "title", at) };
    case "blocks":
      return { type: "blocks", blocks: buildBlocks(chunk["blocks"]) ?? [] };
    default:
      throw invalidArguments("must be one of markdown_text, task_update, plan_update, blocks", `${at}/type`);
  }
};

const readTask = (chunk: Record<string, unknown>, at: string): TaskChunk => {
  const status = TASK_STATUSES.find(each => each === chunk["status"]);
  if (status === undefined) throw invalidArguments(`must be one of ${TASK_STATUSES.join(", ")}`, `${at}/status`);
  const { details, output, sources } = chunk;
  if (sources !== undefined && !(Array.isArray(sources) && sources.every(isObject)))
    throw invalidArguments("must be an array of objects", `${at}/sources`);
  return {
    type: "task_update",
    id: readText(chunk, "id", at),
    title: readShortText(chunk, "title", at),
    status,
    ...(details === undefined ? {} : { details: readShortText(chunk, "details", at) }),
    ...(output === undefined ? {} : { output: readShortText(chunk, "output", at) }),
    ...(sources === undefined ? {} : { sources }),
  };
};

/** Throws `SlackError` `msg_too_long`. */
const readMarkdown = (text: string): string => {
  if (text.length > MAX_MARKDOWN_LENGTH) throw new SlackError("msg_too_long");
  return text;
};

const readShortText = (chunk: Record<string, unknown>, field: string, at: string): string => {
  const text = readText(chunk, field, at);
  if (text.length > MAX_TASK_TEXT_LENGTH) throw invalidArguments(`must be at most ${MAX_TASK_TEXT_LENGTH} characters`, `${at}/${field}`);
  return text;
};

const readText = (chunk: Record<string, unknown>, field: string, at: string): string => {
  const text = chunk[field];
  if (text === undefined) throw invalidArguments(`missing required field: ${field}`, at);
  if (typeof text !== "string") throw invalidArguments("must be a string", `${at}/${field}`);
  return text;
};

/** The text of a streamed message, as the app sent it. */
const joinText = (chunks: Chunk[]): string => chunks.map(chunk => (chunk.type === "markdown_text" ? chunk.text : "")).join("");

/**
 * What a streamed message shows. A task stands where it began; a later chunk of the same task replaces title and status, and is appended
 * to details and output. Sources: https://docs.slack.dev/reference/block-kit/blocks/task-card-block and /plan-block
 */
const showChunks = (chunks: Chunk[], mode: DisplayMode): Block[] => {
  const blocks: Block[] = [];
  const tasks = new Map<string, Block>();
  let plan: Block | undefined;
  const showTask = (chunk: TaskChunk) => {
    const known = tasks.get(chunk.id);
    if (known !== undefined) return void Object.assign(known, buildTask(chunk, known));
    const task = buildTask(chunk);
    tasks.set(chunk.id, task);
    if (mode === "timeline") return void blocks.push(task);
    planned().push(task);
  };
  const planned = (): Block[] => {
    if (plan === undefined) {
      plan = { type: "plan", title: "", tasks: [] };
      blocks.push(plan);
    }
    return plan["tasks"] as Block[];
  };
  for (const chunk of chunks) {
    if (chunk.type === "task_update") showTask(chunk);
    else if (chunk.type === "blocks") blocks.push(...chunk.blocks);
    else if (chunk.type === "plan_update") {
      if (mode === "timeline") continue;
      planned();
      plan!["title"] = chunk.title;
    } else {
      const last = blocks.at(-1);
      if (last?.["type"] === "markdown") last["text"] += chunk.text;
      else blocks.push({ type: "markdown", text: chunk.text });
    }
  }
  return blocks;
};

const buildTask = ({ id, title, status, details, output, sources }: TaskChunk, known: Block = {}): Block => ({
  type: "task_card",
  task_id: id,
  title,
  status,
  ...(details === undefined ? {} : { details: appendRichText(known["details"], details) }),
  ...(output === undefined ? {} : { output: appendRichText(known["output"], output) }),
  ...(sources === undefined ? {} : { sources }),
});

interface RichText {
  type: "rich_text";
  elements: [{ type: "rich_text_section"; elements: { type: "text"; text: string }[] }];
}

const appendRichText = (known: unknown, text: string): RichText => {
  const before = known === undefined ? [] : (known as RichText).elements[0].elements;
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [...before, { type: "text", text }] }] };
};

export { joinText, readChunks, readMarkdown, showChunks };
