/** Views: Homes and modals. The page compiles against these types, so this file imports nothing. */

/** What an app says about a view. Sources: https://docs.slack.dev/reference/views and /reference/block-kit */
interface ViewContent {
  type: "home" | "modal";
  title: PlainText | null;
  submit: PlainText | null;
  close: PlainText | null;
  blocks: ViewBlock[];
  private_metadata: string;
  callback_id: string;
  external_id: string;
  clear_on_close: boolean;
  notify_on_close: boolean;
}

interface PlainText {
  type: "plain_text";
  text: string;
  emoji?: boolean;
}

interface ViewBlock {
  type: string;
  block_id: string;
  /** Of input blocks. */
  element?: ViewElement;
  label?: PlainText;
  hint?: PlainText;
  optional?: boolean;
  accessory?: ViewElement;
  elements?: ViewElement[];
  [property: string]: unknown;
}

interface ViewElement {
  type: string;
  action_id?: string;
  options?: Option[];
  [property: string]: unknown;
}

interface Option {
  text: { type: string; text: string };
  value: string;
  description?: { type: string; text: string };
}

/** What a person entered or chose in one element, as Slack's `state.values` says it. */
interface ElementValue {
  type: string;
  value?: string | null;
  selected_option?: Option | null;
  selected_options?: Option[];
  selected_user?: string | null;
  selected_conversation?: string | null;
}

/** By block, then by action. Source: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
type ViewValues = Record<string, Record<string, ElementValue>>;

export type { ElementValue, Option, PlainText, ViewBlock, ViewContent, ViewElement, ViewValues };
