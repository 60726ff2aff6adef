import { quote, refuseUnknownFields } from "@slack-fanout/laptop-cloud/kernel/http";
import { findMessage } from "./click";
import type { Channel } from "./directory";
import { isEmojiName, type Posted } from "./message";
import type { DeleteRequest, EditRequest, ReactRequest } from "./protocol";
import { parseChannel, parsePerson, parseText, refuse } from "./say";
import { isTombstone, type Slack } from "./slack";

/** A message that a person wants to change. */
interface Target {
  user: string;
  channel: Channel;
  posted: Posted;
}

interface Done {
  ok: true;
  ts: string;
}

const targetFields: (keyof DeleteRequest)[] = ["user", "channel", "ts"];
const editFields: (keyof EditRequest)[] = [...targetFields, "text"];
const reactFields: (keyof ReactRequest)[] = [...targetFields, "reaction", "remove"];

/**
 * `POST {slack}/edit`: a person changes the text of their message. The same text again changes nothing.
 * Throws `HttpError` 400 that quotes the invalid value.
 */
const edit = async (slack: Slack, input: Record<string, unknown>): Promise<Done> => {
  refuseUnknownFields(input, editFields);
  const { user, channel, posted } = await parseTarget(slack, input);
  const { message } = posted;
  if (message.user !== user) refuse("cant_update_message", `ts is ${quote(message.ts)}, but must be a message that ${user} wrote.`);
  const text = parseText(input["text"]);
  if (text === "" && message.files === undefined)
    refuse("no_text", "text is empty, but must have characters, since the message has no files.");
  if (text !== message.text) await slack.edit(channel, posted, { text });
  return { ok: true, ts: message.ts };
};

/** `POST {slack}/delete`: a person deletes their message; an admin deletes any. Throws `HttpError` 400 that quotes the invalid value. */
const remove = async (slack: Slack, input: Record<string, unknown>): Promise<Done> => {
  refuseUnknownFields(input, targetFields);
  const { user, channel, posted } = await parseTarget(slack, input);
  const { ts, user: author } = posted.message;
  if (author !== user && !slack.workspace.person(user)?.isAdmin)
    refuse("cant_delete_message", `ts is ${quote(ts)}, but must be a message that ${user} wrote. Only admins delete those of others.`);
  await slack.remove(channel, posted);
  return { ok: true, ts };
};

/** `POST {slack}/react`: a person adds a reaction, or removes it. Throws `HttpError` 400 that quotes the invalid value. */
const react = async (slack: Slack, input: Record<string, unknown>): Promise<Done> => {
  refuseUnknownFields(input, reactFields);
  const { user, channel, posted } = await parseTarget(slack, input);
  const { reaction, remove: isRemoved = false } = input;
  const name = typeof reaction === "string" ? reaction.replaceAll(":", "") : "";
  if (!isEmojiName(name)) refuse("invalid_name", `reaction is ${quote(reaction)}, but must be an emoji's name, such as thumbsup.`);
  if (typeof isRemoved !== "boolean") return refuse("invalid_arguments", `remove is ${quote(isRemoved)}, but must be true or false.`);
  const { ts } = posted.message;
  const isDone = await slack.react(channel, posted, { type: isRemoved ? "reaction_removed" : "reaction_added", user, name });
  if (!isDone && isRemoved) refuse("no_reaction", `reaction is ${quote(reaction)}, but must be one that ${user} gave that message.`);
  if (!isDone) refuse("already_reacted", `reaction is ${quote(reaction)}, but must be one that ${user} has not given that message yet.`);
  return { ok: true, ts };
};

const parseTarget = async (slack: Slack, input: Record<string, unknown>): Promise<Target> => {
  const user = parsePerson(slack, input["user"]);
  const channel = await parseChannel(slack, input["channel"], user);
  const posted = findMessage(slack, channel.id, input["ts"], user);
  if (posted.visibleTo !== undefined)
    refuse("message_not_found", `ts is ${quote(input["ts"])}, but must be a message that others see, too.`);
  if (isTombstone(posted.message)) refuse("message_not_found", `ts is ${quote(input["ts"])}, but must be a message that was not deleted.`);
  return { user, channel, posted };
};

export { edit, react, remove };
