import { HttpError, quote, refuseUnknownFields } from "@slack-fanout/laptop-cloud/kernel/http";
import { describeActor } from "./click";
import type { CloseRequest, OpenHomeRequest, SubmitRequest, ViewClickRequest } from "./protocol";
import { parsePerson, refuse } from "./say";
import type { Slack } from "./slack";
import type { ElementValue } from "./view";
import { enterValues, fieldsOf, type Known, readValue } from "./view-values";
import type { View } from "./views";

const homeFields: (keyof OpenHomeRequest)[] = ["user"];
const submitFields: (keyof SubmitRequest)[] = ["user", "viewId", "values"];
const closeFields: (keyof CloseRequest)[] = ["user", "viewId"];
const clickFields: (keyof ViewClickRequest)[] = ["user", "viewId", "actionId", "value"];

/** `POST {slack}/open-home`: a person opens the app's Home. Throws `HttpError` 400 that quotes the invalid value. */
const openHome = async (slack: Slack, input: Record<string, unknown>): Promise<{ ok: true }> => {
  refuseUnknownFields(input, homeFields);
  const user = parsePerson(slack, input["user"]);
  if (slack.installation.app?.hasHome !== true)
    refuse("no_home", `${slack.team.id} has no app whose manifest says features.app_home.home_tab_enabled.`);
  const { id: channel } = await slack.workspace.openDirect(user, slack.bot.userId);
  const home = slack.views.home(user);
  const view = home === undefined ? {} : { view: presentView(slack, home) };
  await slack.tell({ type: "app_home_opened", user, channel, tab: "home", ...view, event_ts: slack.workspace.nextTimestamp() });
  return { ok: true };
};

/**
 * `POST {slack}/submit`: a person enters `values` (`{blockId: {actionId: value}}`) in a modal and submits it.
 * Answers when the request to the app is stored. Throws `HttpError` 400 that quotes the invalid value.
 */
const submit = async (slack: Slack, input: Record<string, unknown>): Promise<{ ok: true }> => {
  refuseUnknownFields(input, submitFields);
  const user = parsePerson(slack, input["user"]);
  const before = findView(slack, input["viewId"], user);
  if (before.type !== "modal") refuse("view_not_found", `viewId is ${quote(input["viewId"])}, but must be a modal.`);
  const values = enterValues(before.blocks, before.values, input["values"], knownTo(slack, user));
  const { errors: _errors, problem: _problem, ...rest } = before;
  const view: View = { ...rest, values };
  const payload = {
    type: "view_submission",
    ...describeActor(slack, user),
    trigger_id: slack.triggers.create(),
    view: presentView(slack, view),
    response_urls: [],
  };
  await slack.sendInteraction(view.callback_id, payload, [slack.views.keep(view)]);
  slack.recordView(user);
  return { ok: true };
};

/** `POST {slack}/close`: a person closes a modal. The app is told if it asked for that. Throws `HttpError` 400. */
const close = async (slack: Slack, input: Record<string, unknown>): Promise<{ ok: true }> => {
  refuseUnknownFields(input, closeFields);
  const user = parsePerson(slack, input["user"]);
  const view = findView(slack, input["viewId"], user);
  if (view.type !== "modal") refuse("view_not_found", `viewId is ${quote(input["viewId"])}, but must be a modal.`);
  const payload = { type: "view_closed", ...describeActor(slack, user), view: presentView(slack, view), is_cleared: view.clear_on_close };
  const change = slack.views.keepWithout(view, view.clear_on_close);
  if (view.notify_on_close) await slack.sendInteraction(view.callback_id, payload, [change]);
  else await slack.views.write([change]);
  slack.recordView(user);
  return { ok: true };
};

/**
 * `POST {slack}/click` with a `viewId`: a person presses a button of a Home or modal, or chooses `value` in one of its other elements.
 * Throws `HttpError` 400 that quotes the invalid value.
 */
const clickInView = async (slack: Slack, input: Record<string, unknown>): Promise<{ ok: true }> => {
  refuseUnknownFields(input, clickFields);
  const user = parsePerson(slack, input["user"]);
  const before = findView(slack, input["viewId"], user);
  const { blockId, actionId, chosen, element } = findAction(slack, before, input);
  const values = chosen === undefined ? before.values : { ...before.values, [blockId]: { ...before.values[blockId], [actionId]: chosen } };
  const view = { ...before, values };
  const payload = {
    type: "block_actions",
    ...describeActor(slack, user),
    container: { type: "view", view_id: view.id },
    trigger_id: slack.triggers.create(),
    view: presentView(slack, view),
    actions: [{ ...(chosen ?? element), action_id: actionId, block_id: blockId, action_ts: slack.workspace.nextTimestamp() }],
  };
  await slack.sendInteraction(actionId, payload, [slack.views.keep(view)]);
  return { ok: true };
};

/** A button, whose text and value the action says, or another element with what was chosen in it. */
interface FoundAction {
  blockId: string;
  actionId: string;
  element: Record<string, unknown>;
  chosen?: ElementValue;
}

const findAction = (slack: Slack, { blocks, user }: View, { actionId, value }: Record<string, unknown>): FoundAction => {
  const field = fieldsOf(blocks).find(each => each.actionId === actionId && each.block.type !== "input");
  if (field !== undefined) {
    const chosen = readValue(field, value, knownTo(slack, user));
    return { blockId: field.block.block_id, actionId: field.actionId, element: {}, chosen };
  }
  const buttons = blocks.flatMap(block =>
    [...(block.elements ?? []), block.accessory].flatMap(element =>
      element?.type === "button" ? [{ blockId: block.block_id, element }] : [],
    ),
  );
  const found = buttons.find(({ element }) => element.action_id === actionId && (value === undefined || element["value"] === value));
  if (found === undefined) {
    const known = buttons.map(({ element }) => quote(element.action_id)).join(", ") || "none";
    throw new HttpError(
      400,
      "action_not_found",
      `actionId is ${quote(actionId)}, but must be an element of the view. Its buttons: ${known}.`,
    );
  }
  const { type, text, value: own, style } = found.element;
  const element = { type, text, ...(own === undefined ? {} : { value: own }), ...(style === undefined ? {} : { style }) };
  return { blockId: found.blockId, actionId: String(actionId), element };
};

const findView = (slack: Slack, viewId: unknown, user: string): View => {
  const view = typeof viewId === "string" ? slack.views.find(viewId) : undefined;
  if (view?.user === user) return view;
  throw new HttpError(400, "view_not_found", `viewId is ${quote(viewId)}, but must be a view that ${user} sees.`);
};

const knownTo = ({ workspace }: Slack, user: string): Known => ({
  person: id => workspace.person(id) !== undefined,
  channel: id => workspace.channel(id)?.members.includes(user) ?? false,
});

/** A view as Slack's methods and payloads show it. Source: https://docs.slack.dev/reference/views */
const presentView = (slack: Slack, { user: _user, values, errors: _errors, problem: _problem, ...view }: View) => ({
  ...view,
  team_id: slack.team.id,
  app_id: slack.bot.appId,
  bot_id: slack.bot.botId,
  app_installed_team_id: slack.team.id,
  state: { values },
});

export { clickInView, close, openHome, presentView, submit };
