import type { Slack } from "../slack";
import { invalidArguments, SlackError } from "../slack-error";
import type { ViewContent } from "../view";
import { presentView } from "../view-actions";
import { buildViewContent } from "../view-content";
import type { View } from "../views";
import type { Arguments } from "./arguments";
import type { Method } from "./method";

/** Behaves as https://docs.slack.dev/reference/methods/views.publish */
const publish: Method = {
  run: async (slack, given) => {
    const user = given.required("user_id");
    const content = readContent(given, "home");
    if (slack.installation.app?.hasHome !== true) throw new SlackError("not_enabled");
    if (slack.workspace.person(user) === undefined) throw new SlackError("user_not_found");
    return show(slack, await slack.views.publish(user, content, given.text("hash")));
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/views.open; differs: knows no interactivity pointers. */
const open: Method = {
  run: async (slack, given) => {
    const content = readContent(given, "modal");
    const user = slack.triggers.exchange(given.required("trigger_id"));
    return show(slack, await slack.views.open(user, content));
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/views.push; differs: knows no interactivity pointers. */
const push: Method = {
  run: async (slack, given) => {
    const content = readContent(given, "modal");
    const user = slack.triggers.exchange(given.required("trigger_id"));
    return show(slack, await slack.views.push(user, content));
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/views.update */
const update: Method = {
  run: async (slack, given) => {
    const id = given.text("view_id");
    const view = id === undefined ? slack.views.findExternal(given.required("external_id")) : slack.views.find(id);
    if (view === undefined) throw new SlackError("not_found");
    const content = readContent(given, view.type);
    return show(slack, await slack.views.update(view, content, given.text("hash")));
  },
};

const readContent = (given: Arguments, type: ViewContent["type"]): ViewContent => {
  const view = given.object("view");
  if (view === undefined) throw invalidArguments("missing required field: view");
  const content = buildViewContent(view);
  if (content.type === type) return content;
  throw invalidArguments(`must be ${type}`, "/view/type");
};

const show = (slack: Slack, view: View) => {
  slack.recordView(view.user);
  return { view: presentView(slack, view) };
};

const viewsMethods: Record<string, Method> = {
  "views.publish": publish,
  "views.open": open,
  "views.push": push,
  "views.update": update,
};

export { viewsMethods };
