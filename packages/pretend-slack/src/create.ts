import { quote, refuseUnknownFields } from "@slack-fanout/laptop-cloud/kernel/http";
import type { Channel } from "./directory";
import type { CreateRequest } from "./protocol";
import { parsePerson, refuse } from "./say";
import type { Slack } from "./slack";
import { secondsOf } from "./timestamp";

const fields: (keyof CreateRequest)[] = ["user", "name"];

/** Source: https://slack.com/help/articles/201402297-Create-a-channel */
const NAME = /^[\p{Ll}\p{Lo}\p{N}_-]{1,80}$/u;

/** `POST {slack}/create`: a person creates a public channel, in which nobody else is yet. Throws `HttpError` 400 that quotes the invalid value. */
const create = async (slack: Slack, input: Record<string, unknown>): Promise<{ ok: true; channel: string }> => {
  refuseUnknownFields(input, fields);
  const user = parsePerson(slack, input["user"]);
  const name = parseName(slack, input["name"]);
  const numbers = slack.workspace.channels().flatMap(({ id, kind }) => (kind === "channel" ? [Number(id.slice(1))] : []));
  const id = `C${String(Math.max(...numbers) + 1).padStart(4, "0")}`;
  const channel: Channel = {
    id,
    kind: "channel",
    name,
    topic: "",
    createdSeconds: secondsOf(slack.cloud.clock.nowMs()),
    members: [user],
  };
  await slack.post({
    channel,
    message: { subtype: "channel_join", user, text: `<@${user}> has joined the channel` },
    changes: [slack.workspace.keepChannel(channel)],
  });
  return { ok: true, channel: id };
};

const parseName = (slack: Slack, name: unknown): string => {
  if (typeof name !== "string" || !NAME.test(name))
    return refuse("invalid_name", `name is ${quote(name)}, but must be at most 80 lower-case letters, digits, hyphens and underscores.`);
  if (slack.workspace.channelByName(name) !== undefined)
    refuse("name_taken", `name is ${quote(name)}, but must be new: there is a #${name}.`);
  return name;
};

export { create };
