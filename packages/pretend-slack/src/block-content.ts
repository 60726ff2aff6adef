import { randomBytes } from "node:crypto";
import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { PlainText, ViewBlock, ViewElement } from "./view";

/** Where blocks or a view are wrong, as a JSON pointer with a reason. */
class Mistake extends Error {
  override name = "Mistake";

  constructor(reason: string, pointer: string) {
    super(`[ERROR] ${reason} [json-pointer:${pointer}]`);
  }
}

/** Where blocks are shown. */
interface Surface {
  /** JSON pointer to the blocks. */
  at: string;
  most: number;
  /** Types of blocks and elements that are allowed there, and whose content is not checked. */
  otherBlocks: readonly string[];
  otherElements: readonly string[];
}

/** Source: https://docs.slack.dev/reference/block-kit/blocks */
const MAX_ID = 255;
const MAX_LABEL = 2000;
const MAX_SECTION = 3000;
const MAX_FIELDS = 10;
const MAX_HEADER = 150;
const MAX_BUTTON = 75;
const MAX_VALUE = 2000;
const MAX_PLACEHOLDER = 150;
const MAX_OPTIONS = 100;
const MAX_CHOICES = 10;
const MAX_OPTION_TEXT = 75;
const MAX_OPTION_VALUE = 150;
const MAX_ACTIONS = 25;
const MAX_CONTEXT = 10;

/** Checks blocks, and adds missing ids to them and to their elements. Throws `Mistake`. */
const readBlocks = (blocks: unknown[], surface: Surface): ViewBlock[] => {
  const { at, most } = surface;
  if (blocks.length > most) throw new Mistake(`no more than ${most} items allowed`, at);
  const read = blocks.map((block: unknown, index) => readBlock(block, `${at}/${index}`, surface));
  const ids = read.map(block => block.block_id);
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (twice !== -1) throw new Mistake(`block_id "${ids[twice]}" already exists`, `${at}/${twice}/block_id`);
  return read;
};

const readBlock = (block: unknown, at: string, surface: Surface): ViewBlock => {
  if (!isObject(block)) throw new Mistake("must be an object", at);
  const type = required(readText(block, "type", at, MAX_ID), "type", at);
  const check = Object.hasOwn(blockChecks, type) ? blockChecks[type] : undefined;
  if (check === undefined && !surface.otherBlocks.includes(type)) throw new Mistake(`unsupported type: ${type}`, `${at}/type`);
  const changed = check?.(block, at, surface.otherElements);
  return { ...block, type, block_id: readText(block, "block_id", at, MAX_ID) ?? newId(), ...changed };
};

/** By the type of a block. Each returns the properties that it changed. */
const blockChecks: Record<string, (block: Record<string, unknown>, at: string, others: readonly string[]) => Partial<ViewBlock>> = {
  divider: () => ({}),
  image: (block, at) => {
    required(readText(block, "alt_text", at, MAX_VALUE), "alt_text", at);
    if (block["slack_file"] === undefined) required(readText(block, "image_url", at, MAX_SECTION), "image_url", at);
    return {};
  },
  header: (block, at) => {
    required(readPlainText(block, "text", at, MAX_HEADER), "text", at);
    return {};
  },
  section: (block, at, others) => {
    const { fields, accessory } = block;
    if (block["text"] === undefined && fields === undefined) throw new Mistake("missing required field: text or fields", at);
    if (block["text"] !== undefined) checkText(block["text"], `${at}/text`, MAX_SECTION);
    const shown = fields === undefined ? [] : checkList(fields, `${at}/fields`, MAX_FIELDS);
    for (const [index, field] of shown.entries()) checkText(field, `${at}/fields/${index}`, MAX_VALUE);
    return accessory === undefined
      ? {}
      : { accessory: readElement(accessory, `${at}/accessory`, ["image", "button", ...choices, ...others]) };
  },
  context: (block, at) => {
    for (const [index, element] of checkList(block["elements"], `${at}/elements`, MAX_CONTEXT).entries()) {
      if (!isObject(element) || element["type"] !== "image") checkText(element, `${at}/elements/${index}`, MAX_SECTION);
    }
    return {};
  },
  actions: (block, at, others) => {
    const elements = checkList(block["elements"], `${at}/elements`, MAX_ACTIONS);
    return {
      elements: elements.map((element, index) => readElement(element, `${at}/elements/${index}`, ["button", ...choices, ...others])),
    };
  },
  input: (block, at, others) => {
    required(readPlainText(block, "label", at, MAX_LABEL), "label", at);
    readPlainText(block, "hint", at, MAX_LABEL);
    return { element: readElement(block["element"], `${at}/element`, ["plain_text_input", ...choices, ...others]) };
  },
};

const choices = ["static_select", "users_select", "conversations_select", "checkboxes", "radio_buttons"];

const readElement = (element: unknown, at: string, allowed: readonly string[]): ViewElement => {
  if (!isObject(element)) throw new Mistake("must be an object", at);
  const type = String(element["type"]);
  if (!allowed.includes(type)) throw new Mistake(`unsupported type: ${type}`, `${at}/type`);
  if (type === "image") return { ...element, type };
  elementChecks[type]?.(element, at);
  if (element["placeholder"] !== undefined) readPlainText(element, "placeholder", at, MAX_PLACEHOLDER);
  return { ...element, type, action_id: readText(element, "action_id", at, MAX_ID) ?? newId() };
};

const elementChecks: Record<string, (element: Record<string, unknown>, at: string) => void> = {
  button: (element, at) => {
    required(readPlainText(element, "text", at, MAX_BUTTON), "text", at);
    readText(element, "value", at, MAX_VALUE);
  },
  plain_text_input: (element, at) => {
    for (const name of ["min_length", "max_length"]) {
      const length = element[name];
      if (length !== undefined && !(Number.isInteger(length) && Number(length) >= 0 && Number(length) <= MAX_SECTION))
        throw new Mistake(`must be between 0 and ${MAX_SECTION}`, `${at}/${name}`);
    }
    readText(element, "initial_value", at, MAX_SECTION);
  },
  static_select: (element, at) => checkOptions(element, at, MAX_OPTIONS),
  checkboxes: (element, at) => checkOptions(element, at, MAX_CHOICES),
  radio_buttons: (element, at) => checkOptions(element, at, MAX_CHOICES),
  users_select: (element, at) => void readText(element, "initial_user", at, MAX_ID),
  conversations_select: (element, at) => void readText(element, "initial_conversation", at, MAX_ID),
};

const checkOptions = (element: Record<string, unknown>, at: string, most: number) => {
  const options = checkList(element["options"], `${at}/options`, most);
  for (const [index, option] of options.entries()) checkOption(option, `${at}/options/${index}`);
  const { initial_option: one, initial_options: several } = element;
  const initial = one === undefined ? (several ?? []) : [one];
  const known = (value: unknown) => options.some(option => isObject(option) && isObject(value) && option["value"] === value["value"]);
  if (!Array.isArray(initial) || !initial.every(known)) throw new Mistake("initial options must be among the options", at);
};

const checkOption = (option: unknown, at: string) => {
  if (!isObject(option)) throw new Mistake("must be an object", at);
  checkText(option["text"], `${at}/text`, MAX_OPTION_TEXT);
  required(readText(option, "value", at, MAX_OPTION_VALUE), "value", at);
};

/** A list with at least one item. */
const checkList = (list: unknown, at: string, most: number): unknown[] => {
  if (!Array.isArray(list) || list.length === 0) throw new Mistake("must have at least 1 item", at);
  if (list.length > most) throw new Mistake(`no more than ${most} items allowed`, at);
  return list;
};

const checkText = (text: unknown, at: string, most: number) => {
  if (!isObject(text) || (text["type"] !== "plain_text" && text["type"] !== "mrkdwn")) throw new Mistake("must be a text object", at);
  required(readText(text, "text", at, most), "text", at);
};

const readPlainText = (value: Record<string, unknown>, key: string, at: string, most: number): PlainText | undefined => {
  const text = value[key];
  if (text === undefined || text === null) return undefined;
  if (!isObject(text) || text["type"] !== "plain_text") throw new Mistake("must be a plain_text object", `${at}/${key}`);
  return { ...text, type: "plain_text", text: required(readText(text, "text", `${at}/${key}`, most), "text", `${at}/${key}`) };
};

/** A text, or undefined if it is missing or empty. */
const readText = (value: Record<string, unknown>, key: string, at: string, most: number): string | undefined => {
  const text = value[key];
  if (text === undefined || text === null || text === "") return undefined;
  if (typeof text !== "string") throw new Mistake("must be a string", `${at}/${key}`);
  if (text.length > most) throw new Mistake(`must be less than ${most + 1} characters`, `${at}/${key}`);
  return text;
};

const required = <T>(value: T | undefined, key: string, at: string): T => {
  if (value === undefined) throw new Mistake(`missing required field: ${key}`, at);
  return value;
};

const newId = () => randomBytes(4).toString("base64url").slice(0, 5);

export type { Surface };
export { MAX_ID, Mistake, newId, readBlocks, readPlainText, readText, required };
