import { quote, refuseUnknownFields } from "@slack-fanout/laptop-cloud/kernel/http";
import type { OpenRequest } from "./protocol";
import { parseChannel, parsePerson, refuse } from "./say";
import type { Slack } from "./slack";

const fields: (keyof OpenRequest)[] = ["user", "channel"];

/**
 * `POST {slack}/open`: a person opens their direct messages with the app, which gets `app_home_opened`. Throws `HttpError` 400.
 * Source: https://docs.slack.dev/reference/events/app_home_opened; differs: there is no Home tab, so no event has a `view`.
 */
const open = async (slack: Slack, input: Record<string, unknown>): Promise<{ ok: true; ts: string }> => {
  refuseUnknownFields(input, fields);
  const user = parsePerson(slack, input["user"]);
  const channel = await parseChannel(slack, input["channel"], user);
  if (channel.kind !== "im" || !channel.members.includes(slack.bot.userId))
    return refuse("channel_not_found", `channel is ${quote(input["channel"])}, but must be the direct messages of ${user} with the app.`);
  const eventTs = slack.workspace.nextTimestamp();
  await slack.tell({ type: "app_home_opened", user, channel: channel.id, tab: "messages", event_ts: eventTs });
  return { ok: true, ts: eventTs };
};

export { open };
