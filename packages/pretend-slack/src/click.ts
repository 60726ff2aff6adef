import { HttpError, quote, refuseUnknownFields } from "@slack-fanout/laptop-cloud/kernel/http";
import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { Block } from "./block";
import { enterprise, nameForApps } from "./directory";
import type { Posted } from "./message";
import type { ClickRequest } from "./protocol";
import { parseChannel, parsePerson } from "./say";
import type { Slack } from "./slack";
import type { InteractionContent } from "./transports";

interface Button {
  blockId: unknown;
  element: Block;
}

const fields: (keyof ClickRequest)[] = ["user", "channel", "ts", "actionId", "value"];

/**
 * `POST {slack}/click`: a person presses a button of a message. `value` distinguishes buttons with the same action id.
 * Throws `HttpError` 400 that quotes the invalid value.
 */
const click = async (slack: Slack, input: Record<string, unknown>): Promise<{ ok: true; ts: string }> => {
  refuseUnknownFields(input, fields);
  const user = parsePerson(slack, input["user"]);
  const channel = await parseChannel(slack, input["channel"], user);
  const posted = findMessage(slack, channel.id, input["ts"], user);
  const { blockId, element } = findButton(posted, input["actionId"], input["value"]);
  const { ts, thread_ts: threadTs } = posted.message;
  const ephemeral = posted.visibleTo !== undefined;
  const response = slack.responseUrls.create({ kind: "actions", channel: channel.id, user, threadTs, messageTs: ts });
  const payload = {
    type: "block_actions",
    ...describeActor(slack, user),
    container: {
      type: "message",
      message_ts: ts,
      channel_id: channel.id,
      is_ephemeral: ephemeral,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    },
    trigger_id: slack.triggers.create(),
    channel: { id: channel.id, name: nameForApps(channel) },
    state: { values: {} },
    actions: [
      {
        type: element["type"],
        action_id: element["action_id"],
        block_id: blockId,
        text: element["text"],
        ...(element["value"] === undefined ? {} : { value: element["value"] }),
        ...(element["style"] === undefined ? {} : { style: element["style"] }),
        action_ts: slack.workspace.nextTimestamp(),
      },
    ],
  };
  const content: InteractionContent = { payload, responseId: response.id, ...(ephemeral ? {} : { message: posted.message }) };
  await slack.dispatch(posted, { door: "interactions", event: String(element["action_id"]), content }, [response.change]);
  return { ok: true, ts };
};

/** Who does something in which workspace, as interaction payloads say it. */
const describeActor = (slack: Slack, user: string) => {
  const { team, bot, workspace, isEnterpriseInstall } = slack;
  const username = workspace.person(user)?.name ?? user;
  return {
    team: { id: team.id, domain: team.domain },
    user: { id: user, username, name: username, team_id: team.id },
    enterprise: isEnterpriseInstall ? enterprise : null,
    is_enterprise_install: isEnterpriseInstall,
    api_app_id: bot.appId,
  };
};

const findMessage = (slack: Slack, channel: string, ts: unknown, user: string): Posted => {
  const posted = typeof ts === "string" ? slack.workspace.find(channel, ts) : undefined;
  if (posted !== undefined && (posted.visibleTo === undefined || posted.visibleTo === user)) return posted;
  throw new HttpError(400, "message_not_found", `ts is ${quote(ts)}, but must be a message that ${user} sees in ${channel}.`);
};

const findButton = ({ message }: Posted, actionId: unknown, value: unknown): Button => {
  const buttons = buttonsOf(message.blocks ?? []);
  const found = buttons.find(({ element }) => element["action_id"] === actionId && (value === undefined || element["value"] === value));
  if (found !== undefined) return found;
  const known = buttons.map(({ element }) => `${quote(element["action_id"])} with value ${quote(element["value"] ?? null)}`);
  const asked = value === undefined ? quote(actionId) : `${quote(actionId)} with value ${quote(value)}`;
  const sentence = `actionId is ${asked}, but must be a button of the message, which has ${known.length === 0 ? "none" : known.join(", ")}.`;
  throw new HttpError(400, "action_not_found", sentence);
};

const buttonsOf = (blocks: Block[]): Button[] =>
  blocks.flatMap(block => {
    const elements = Array.isArray(block["elements"]) ? block["elements"] : [block["accessory"]];
    return elements
      .filter(isObject)
      .flatMap(splitFeedback)
      .filter(element => BUTTONS.has(String(element["type"])))
      .map(element => ({ blockId: block["block_id"], element }));
  });

const BUTTONS = new Set(["button", "icon_button", "feedback_buttons"]);

/** Feedback is one element with two buttons. Source: https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element */
const splitFeedback = (element: Block): Block[] => {
  if (element["type"] !== "feedback_buttons") return [element];
  const { type, action_id } = element;
  return [element["positive_button"], element["negative_button"]].filter(isObject).map(button => ({ type, action_id, ...button }));
};

export { click, describeActor, findMessage };
