import { HttpError, quote } from "@slack-fanout/laptop-cloud/kernel/http";
import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { ElementValue, Option, ViewBlock, ViewElement, ViewValues } from "./view";

/** Where an element that holds a value is. */
interface Field {
  block: ViewBlock;
  element: ViewElement;
  actionId: string;
}

/** The elements of a view that a person enters or chooses something in. */
const fieldsOf = (blocks: readonly ViewBlock[]): Field[] =>
  blocks.flatMap(block => {
    const elements = [block.element, block.accessory, ...(block.type === "actions" ? (block.elements ?? []) : [])];
    return elements.flatMap(element =>
      element?.action_id === undefined || !Object.hasOwn(readers, element.type) ? [] : [{ block, element, actionId: element.action_id }],
    );
  });

/** The values that a view begins with; `before`: those of the same elements before an update. */
const initialValues = (blocks: readonly ViewBlock[], before: ViewValues = {}): ViewValues => {
  const values: ViewValues = {};
  for (const { block, element, actionId } of fieldsOf(blocks)) {
    const kept = before[block.block_id]?.[actionId];
    values[block.block_id] = { ...values[block.block_id], [actionId]: kept?.type === element.type ? kept : initialValue(element) };
  }
  return values;
};

const initialValue = (element: ViewElement): ElementValue => {
  const { type } = element;
  if (type === "plain_text_input") return { type, value: (element["initial_value"] as string | undefined) ?? null };
  if (type === "users_select") return { type, selected_user: (element["initial_user"] as string | undefined) ?? null };
  if (type === "conversations_select")
    return { type, selected_conversation: (element["initial_conversation"] as string | undefined) ?? null };
  if (type === "checkboxes") return { type, selected_options: (element["initial_options"] as Option[] | undefined) ?? [] };
  return { type, selected_option: (element["initial_option"] as Option | undefined) ?? null };
};

/** Whether a person's or a conversation's id is known. */
interface Known {
  person(id: string): boolean;
  channel(id: string): boolean;
}

type Read = (element: ViewElement, given: unknown, known: Known, where: string) => ElementValue;

/** By the type of an element. */
const readers: Record<string, Read> = {
  plain_text_input: ({ type, min_length: least, max_length: most }, given, _known, where) => {
    const value = readString(given, where);
    if (value === null) return { type, value };
    if (typeof least === "number" && value.length < least) refuse(where, given, `at least ${least} characters long`);
    if (typeof most === "number" && value.length > most) refuse(where, given, `at most ${most} characters long`);
    return { type, value };
  },
  static_select: (element, given, _known, where) => ({ type: element.type, selected_option: readOption(element, given, where) }),
  radio_buttons: (element, given, _known, where) => ({ type: element.type, selected_option: readOption(element, given, where) }),
  checkboxes: (element, given, _known, where) => {
    const list = given === null || given === undefined ? [] : given;
    if (!Array.isArray(list)) return refuse(where, given, "a list of options' values");
    return { type: element.type, selected_options: list.map(each => readOption(element, each, where)!) };
  },
  users_select: ({ type }, given, known, where) => {
    const id = readString(given, where);
    if (id !== null && !known.person(id)) refuse(where, given, "a user's id");
    return { type, selected_user: id };
  },
  conversations_select: ({ type }, given, known, where) => {
    const id = readString(given, where);
    if (id !== null && !known.channel(id)) refuse(where, given, "the id of a conversation that the person is in");
    return { type, selected_conversation: id };
  },
};

const readString = (given: unknown, where: string): string | null => {
  if (given === null || given === undefined || given === "") return null;
  return typeof given === "string" ? given : refuse(where, given, "a string");
};

const readOption = ({ options = [] }: ViewElement, given: unknown, where: string): Option | null => {
  if (given === null || given === undefined) return null;
  const option = options.find(({ value }) => value === given);
  return option ?? refuse(where, given, `one of ${options.map(({ value }) => value).join(", ")}`);
};

/** Reads one value that a person chose. Throws `HttpError` 400 that quotes the invalid value. */
const readValue = ({ block, element, actionId }: Field, given: unknown, known: Known): ElementValue =>
  readers[element.type]!(element, given, known, `values.${block.block_id}.${actionId}`);

/**
 * Joins what a person enters (`{blockId: {actionId: value}}`) with the values that a view has. An option is its value, a choice of several a list.
 * Throws `HttpError` 400 that quotes the invalid value, also where an input that is not optional is empty.
 */
const enterValues = (blocks: readonly ViewBlock[], before: ViewValues, entered: unknown, known: Known): ViewValues => {
  if (entered !== undefined && !isObject(entered)) return refuse("values", entered, "an object");
  const fields = fieldsOf(blocks);
  const values = { ...before };
  for (const [blockId, actions] of Object.entries(entered ?? {})) {
    if (!isObject(actions)) return refuse(`values.${blockId}`, actions, "an object");
    for (const [actionId, given] of Object.entries(actions)) {
      const field = fields.find(each => each.block.block_id === blockId && each.actionId === actionId);
      if (field === undefined) return refuse(`values.${blockId}.${actionId}`, given, "of an element that the view has");
      values[blockId] = { ...values[blockId], [actionId]: readValue(field, given, known) };
    }
  }
  for (const { block, actionId } of fields) {
    if (block.type !== "input" || block.optional === true) continue;
    if (isEmpty(values[block.block_id]?.[actionId])) refuse(`values.${block.block_id}.${actionId}`, null, "filled in");
  }
  return values;
};

const isEmpty = (value: ElementValue | undefined): boolean => {
  const { type: _type, ...content } = value ?? { type: "" };
  return Object.values(content).every(each => each === null || (Array.isArray(each) && each.length === 0));
};

const refuse = (where: string, given: unknown, mustBe: string): never => {
  throw new HttpError(400, "invalid_values", `${where} is ${quote(given)}, but must be ${mustBe}.`);
};

export type { Known };
export { enterValues, fieldsOf, initialValues, readValue };
