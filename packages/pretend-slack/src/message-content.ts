import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { Block } from "./block";
import { Mistake, newId, readBlocks, type Surface } from "./block-content";
import { SlackError } from "./slack-error";

/** Sources: https://docs.slack.dev/reference/methods/chat.postMessage and /reference/block-kit/blocks */
const MAX_TEXT_LENGTH = 40_000;
const MAX_ATTACHMENTS = 100;
const BLOCKS: Surface = {
  at: "/blocks",
  most: 50,
  // biome-ignore format: one list
  otherBlocks: ["carousel", "container", "context_actions", "data_table", "file", "markdown", "plan", "rich_text", "table", "task_card", "video"],
  // biome-ignore format: one list
  otherElements: [
    "channels_select", "datepicker", "datetimepicker", "email_text_input", "external_select", "multi_channels_select", "multi_conversations_select",
    "multi_external_select", "multi_static_select", "multi_users_select", "number_input", "overflow", "rich_text_input", "timepicker",
    "url_text_input", "workflow_button",
  ],
};

interface Content {
  text: string;
  blocks?: Block[];
  attachments?: Block[];
}

/**
 * Checks the content of an app's message, and adds missing ids to its blocks.
 * Throws `SlackError` `no_text`, `msg_too_long`, `invalid_blocks`, `invalid_attachments`, `too_many_attachments`.
 */
const buildContent = (text: unknown, blocks: unknown, attachments: unknown): Content => {
  const said = typeof text === "string" ? text : "";
  if (said.length > MAX_TEXT_LENGTH) throw new SlackError("msg_too_long");
  const shown = buildBlocks(blocks);
  const attached = readList(attachments, "invalid_attachments");
  if (attached !== undefined && attached.length > MAX_ATTACHMENTS) throw new SlackError("too_many_attachments");
  if (said === "" && shown === undefined && attached === undefined) throw new SlackError("no_text");
  return {
    text: said,
    ...(shown === undefined ? {} : { blocks: shown }),
    ...(attached === undefined ? {} : { attachments: attached }),
  };
};

/** The blocks with their ids; undefined if there are none. Throws `SlackError` `invalid_blocks`, `invalid_blocks_format`. */
const buildBlocks = (value: unknown): Block[] | undefined => {
  const blocks = readList(value, "invalid_blocks");
  try {
    return blocks === undefined ? undefined : readBlocks(blocks, BLOCKS).map(addElementIds);
  } catch (error) {
    if (error instanceof Mistake) throw new SlackError("invalid_blocks", { response_metadata: { messages: [error.message] } });
    throw error;
  }
};

const readList = (value: unknown, code: string): Block[] | undefined => {
  const list = typeof value === "string" ? parseList(value, code) : value;
  if (list === undefined || list === null || (Array.isArray(list) && list.length === 0)) return undefined;
  if (!Array.isArray(list) || !list.every(isObject)) throw new SlackError(code);
  return list;
};

/** In forms, structures are JSON. */
const parseList = (json: string, code: string): unknown => {
  if (json === "") return undefined;
  try {
    return JSON.parse(json);
  } catch {
    throw new SlackError(code === "invalid_blocks" ? "invalid_blocks_format" : code);
  }
};

/** Buttons below an answer are not checked, but can be pressed. */
const addElementIds = (block: Block): Block => {
  const elements = block["elements"];
  if (block["type"] !== "context_actions" || !Array.isArray(elements)) return block;
  return { ...block, elements: elements.map(element => (isObject(element) ? { action_id: newId(), ...element } : element)) };
};

export type { Content };
export { buildBlocks, buildContent };
