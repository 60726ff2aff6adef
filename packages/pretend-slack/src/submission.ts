import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { StateChange } from "@slack-fanout/laptop-cloud/kernel/state";
import { SlackError } from "./slack-error";
import { buildViewContent } from "./view-content";
import type { View, Views } from "./views";

/** Slack's words for a submission that the app did not take. */
const TROUBLE = "We had some trouble connecting. Try again?";

/**
 * The change by an app's answer to a submission: an empty one closes the modal; `response_action` says what is wrong (`errors`), shows another
 * view (`update`, `push`), or closes all (`clear`). Other answers are trouble. Source: https://docs.slack.dev/surfaces/modals
 */
const keepSubmissionAnswer = (views: Views, view: View, body: string): StateChange => {
  try {
    return keepAnswer(views, view, readAnswer(body));
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return keepTrouble(views, view);
  }
};

const keepTrouble = (views: Views, view: View): StateChange => views.keep({ ...view, problem: TROUBLE });

/** Throws `SlackError`. */
const keepAnswer = (views: Views, view: View, answer: Record<string, unknown>): StateChange => {
  const { response_action: action, errors, view: next } = answer;
  if (action === undefined) return views.keepWithout(view, false);
  if (action === "clear") return views.keepWithout(view, true);
  if (action === "errors" && isObject(errors)) return views.keep({ ...view, errors: readErrors(view, errors) });
  if ((action !== "update" && action !== "push") || !isObject(next)) throw new SlackError("invalid_response_action");
  const content = buildViewContent(next);
  return action === "update" ? views.keepUpdated(view, content).change : views.keepPushed(view.user, content).change;
};

const readErrors = ({ blocks }: View, errors: Record<string, unknown>): Record<string, string> => {
  const inputs = blocks.filter(({ type }) => type === "input").map(block => block.block_id);
  const read = Object.entries(errors).map(([block, text]) => [block, String(text)] as const);
  if (read.length === 0 || read.some(([block]) => !inputs.includes(block))) throw new SlackError("invalid_response_action");
  return Object.fromEntries(read);
};

/** Throws `SlackError`. */
const readAnswer = (body: string): Record<string, unknown> => {
  if (body.trim() === "") return {};
  try {
    const answer: unknown = JSON.parse(body);
    if (isObject(answer)) return answer;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw new SlackError("invalid_json");
};

export { keepSubmissionAnswer, keepTrouble };
