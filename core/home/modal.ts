/** The modals that the Home opens: their buttons, their fields, and what people enter. Source: https://docs.slack.dev/surfaces/modals */
import { isJsonObject, type JsonObject } from "#core/json";

/** The action id of the button that opens a modal, and the callback id of its submission. */
type ModalName = "home_claim" | "home_add" | "home_rename" | "home_settings";

/** What was entered, by field. What was left empty is an empty text. */
type Entered<Field extends string = string> = Partial<Record<Field, string>>;

/** What is wrong, by field, in plain text. */
type FieldErrors<Field extends string = string> = Partial<Record<Field, string>>;

interface Field {
  name: string;
  label: string;
  hint?: string;
  isOptional?: boolean;
  /** What the field has at first. */
  value?: string;
  element: TextElement | ChoiceElement | ChannelElement;
}

interface TextElement {
  type: "text";
  maxCharacters: number;
}

interface ChoiceElement {
  type: "choice";
  /** The label of each value. */
  options: Record<string, string>;
}

/** A public or private channel that the person can see. */
interface ChannelElement {
  type: "channel";
}

const BUTTONS: Record<ModalName, string> = { home_claim: "Claim", home_add: "Add", home_rename: "Rename", home_settings: "Settings" };

/** Elements have one action id each, since every block has one element. */
const ACTION_ID = "value";

const isModalName = (value: unknown): value is ModalName => typeof value === "string" && Object.hasOwn(BUTTONS, value);

const buildPlain = (text: string): JsonObject => ({ type: "plain_text", text });

/** Builds the button that opens a modal. `value` is what the modal begins with. */
const buildButton = (name: ModalName, value?: string): JsonObject => ({
  type: "button",
  action_id: name,
  text: buildPlain(BUTTONS[name]),
  ...(value === undefined ? {} : { value }),
});

const buildOption = ([value, label]: [string, string]): JsonObject => ({ text: buildPlain(label), value });

const buildElement = ({ element, value }: Field): JsonObject => {
  switch (element.type) {
    case "text":
      return {
        type: "plain_text_input",
        action_id: ACTION_ID,
        max_length: element.maxCharacters,
        ...(value ? { initial_value: value } : {}),
      };
    case "choice": {
      const options = Object.entries(element.options).map(buildOption);
      const initial = options.find(option => option["value"] === value);
      return { type: "static_select", action_id: ACTION_ID, options, ...(initial && { initial_option: initial }) };
    }
    case "channel":
      return {
        type: "conversations_select",
        action_id: ACTION_ID,
        filter: { include: ["public", "private"], exclude_bot_users: true },
        ...(value ? { initial_conversation: value } : {}),
      };
  }
};

/** Builds the view for `views.open`. `metadata` comes back with the submission. */
const buildModal = (name: ModalName, title: string, fields: readonly Field[], metadata = ""): JsonObject => ({
  type: "modal",
  callback_id: name,
  title: buildPlain(title),
  submit: buildPlain("OK"),
  close: buildPlain("Cancel"),
  ...(metadata === "" ? {} : { private_metadata: metadata }),
  blocks: fields.map(field => ({
    type: "input",
    block_id: field.name,
    label: buildPlain(field.label),
    ...(field.hint === undefined ? {} : { hint: buildPlain(field.hint) }),
    optional: field.isOptional ?? false,
    element: buildElement(field),
  })),
});

const readEntered = (view: JsonObject): Entered => {
  const state = isJsonObject(view["state"]) ? view["state"]["values"] : undefined;
  if (!isJsonObject(state)) return {};
  return Object.fromEntries(Object.entries(state).map(([field, value]) => [field, readValue(value)]));
};

const readValue = (block: unknown): string => {
  const element = isJsonObject(block) ? block[ACTION_ID] : undefined;
  if (!isJsonObject(element)) return "";
  const option = isJsonObject(element["selected_option"]) ? element["selected_option"]["value"] : undefined;
  return String(element["value"] ?? option ?? element["selected_conversation"] ?? "");
};

export type { Entered, Field, FieldErrors, ModalName };
export { buildButton, buildModal, isModalName, readEntered };
