import { randomBytes } from "node:crypto";
import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { Block } from "./block";
import { SlackError } from "./slack-error";

/** Sources: https://docs.slack.dev/reference/methods/chat.postMessage and /reference/block-kit/blocks */
const MAX_TEXT_LENGTH = 40_000;
const MAX_BLOCKS = 50;
const MAX_ATTACHMENTS = 100;

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
  const attached = readBlocks(attachments, "invalid_attachments");
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
  const blocks = readBlocks(value, "invalid_blocks");
  if (blocks !== undefined && blocks.length > MAX_BLOCKS)
    throw refuseBlocks(`no more than ${MAX_BLOCKS} items allowed [json-pointer:/blocks]`);
  return blocks?.map(addIds);
};

const readBlocks = (value: unknown, code: string): Block[] | undefined => {
  const list = typeof value === "string" ? parseList(value, code) : value;
  if (list === undefined || list === null || (Array.isArray(list) && list.length === 0)) return undefined;
  if (!Array.isArray(list) || !list.every(isObject)) throw new SlackError(code);
  if (code === "invalid_blocks") {
    const untyped = list.findIndex(block => typeof block["type"] !== "string");
    if (untyped !== -1) throw refuseBlocks(`missing required field: type [json-pointer:/blocks/${untyped}]`);
  }
  return list;
};

const refuseBlocks = (reason: string) => new SlackError("invalid_blocks", { response_metadata: { messages: [`[ERROR] ${reason}`] } });

/** In forms, structures are JSON. */
const parseList = (json: string, code: string): unknown => {
  if (json === "") return undefined;
  try {
    return JSON.parse(json);
  } catch {
    throw new SlackError(code === "invalid_blocks" ? "invalid_blocks_format" : code);
  }
};

const addIds = (block: Block): Block => {
  const elements = block["elements"];
  return {
    ...block,
    block_id: block["block_id"] ?? newId(),
    ...((block["type"] === "actions" || block["type"] === "context_actions") && Array.isArray(elements)
      ? { elements: elements.map(addActionId) }
      : {}),
    ...(isObject(block["accessory"]) ? { accessory: addActionId(block["accessory"]) } : {}),
  };
};

const addActionId = (element: unknown): unknown =>
  isObject(element) && element["type"] !== "image" ? { ...element, action_id: element["action_id"] ?? newId() } : element;

const newId = () => randomBytes(4).toString("base64url").slice(0, 5);

export type { Content };
export { buildBlocks, buildContent };
