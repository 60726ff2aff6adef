import { MAX_ID, Mistake, readBlocks, readPlainText, readText, required, type Surface } from "./block-content";
import { SlackError } from "./slack-error";
import type { ViewContent } from "./view";

const MAX_VIEW_BYTES = 250_000;
const MAX_TITLE = 24;
const MAX_METADATA = 3000;
const BLOCKS: Surface = { at: "/view/blocks", most: 100, otherBlocks: [], otherElements: [] };

/**
 * Checks a view, and adds missing ids to its blocks and elements.
 * Throws `SlackError` `invalid_arguments` with messages that say what is wrong and where, `view_too_large`.
 */
const buildViewContent = (view: Record<string, unknown>): ViewContent => {
  if (Buffer.byteLength(JSON.stringify(view)) > MAX_VIEW_BYTES) throw new SlackError("view_too_large");
  try {
    return readView(view);
  } catch (error) {
    if (error instanceof Mistake) throw new SlackError("invalid_arguments", { response_metadata: { messages: [error.message] } });
    throw error;
  }
};

const readView = (view: Record<string, unknown>): ViewContent => {
  const { type } = view;
  if (type !== "home" && type !== "modal") throw new Mistake("must be home or modal", "/view/type");
  const isModal = type === "modal";
  const submit = isModal ? readPlainText(view, "submit", "/view", MAX_TITLE) : undefined;
  if (!Array.isArray(view["blocks"])) throw new Mistake("missing required field: blocks", "/view");
  const blocks = readBlocks(view["blocks"], BLOCKS);
  if (isModal && submit === undefined && blocks.some(block => block.type === "input"))
    throw new Mistake("missing required field: submit", "/view");
  return {
    type,
    title: isModal ? required(readPlainText(view, "title", "/view", MAX_TITLE), "title", "/view") : null,
    submit: submit ?? null,
    close: (isModal ? readPlainText(view, "close", "/view", MAX_TITLE) : undefined) ?? null,
    blocks,
    private_metadata: readText(view, "private_metadata", "/view", MAX_METADATA) ?? "",
    callback_id: readText(view, "callback_id", "/view", MAX_ID) ?? "",
    external_id: readText(view, "external_id", "/view", MAX_ID) ?? "",
    clear_on_close: view["clear_on_close"] === true,
    notify_on_close: view["notify_on_close"] === true,
  };
};

export { buildViewContent };
