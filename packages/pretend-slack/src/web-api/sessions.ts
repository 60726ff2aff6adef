import type { Channel } from "../directory";
import { TIER_3 } from "../rate-limit";
import { STATUSES } from "../session";
import type { Slack } from "../slack";
import { invalidArguments, SlackError } from "../slack-error";
import { isTimestamp } from "../timestamp";
import type { Arguments } from "./arguments";
import { findChannel, type Method } from "./method";

const MAX_TITLE_LENGTH = 200;

const NOT_STOPPABLE = "missing_agent_session_stopped_event_subscription";

/**
 * Behaves as https://docs.slack.dev/reference/methods/agents.sessions.setStatus; differs: has no session channels, ignores `icon_emoji`,
 * `icon_url` and `username`, and checks `initiator_user_id` only.
 */
const setStatus: Method = {
  scope: "chat:write",
  rate: TIER_3,
  run: async (slack, given) => {
    const { channel, threadTs } = findPlace(slack, given);
    const status = STATUSES.find(each => each === given.required("status"));
    if (status === undefined) throw new SlackError("invalid_status");
    const known = slack.sessions.find(channel.id, threadTs);
    const title = known === undefined ? readTitle(given) : (known.title ?? undefined);
    const initiator = given.text("initiator_user_id");
    if (known === undefined && initiator !== undefined && !channel.members.includes(initiator)) throw new SlackError("user_not_found");
    await slack.sessions.set({ channel: channel.id, threadTs, status, title: title ?? null });
    const isStoppable = slack.installation.app?.botEvents.has("agent_session_stopped");
    return {
      status,
      agent_status: status,
      ...(title === undefined ? {} : { title }),
      ...(isStoppable ? {} : { warning: NOT_STOPPABLE, response_metadata: { warnings: [NOT_STOPPABLE] } }),
    };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/agents.sessions.rename; differs: has no session channels. */
const rename: Method = {
  scope: "chat:write",
  rate: TIER_3,
  run: async (slack, given) => {
    const { channel, threadTs } = findPlace(slack, given);
    given.required("title");
    const title = readTitle(given)!;
    const session = slack.sessions.find(channel.id, threadTs);
    if (session === undefined) throw new SlackError("session_not_found");
    await slack.sessions.rename(session, title);
    return { title };
  },
};

/** Throws `SlackError` `channel_not_found`, `not_authorized` unless the app is an agent and a member, `thread_ts_required`. */
const findPlace = (slack: Slack, given: Arguments): { channel: Channel; threadTs: string } => {
  given.required("channel_id");
  const channel = findChannel(slack, given.renamed("channel_id", "channel"));
  if (!slack.isAgent || !channel.members.includes(slack.bot.userId)) throw new SlackError("not_authorized");
  const threadTs = given.text("thread_ts");
  if (threadTs === undefined) throw new SlackError("thread_ts_required");
  if (!isTimestamp(threadTs)) throw invalidArguments("must be a timestamp", "/thread_ts");
  return { channel, threadTs };
};

const readTitle = (given: Arguments): string | undefined => {
  const title = given.text("title");
  if (title !== undefined && title.length > MAX_TITLE_LENGTH)
    throw invalidArguments(`must be at most ${MAX_TITLE_LENGTH} characters`, "/title");
  return title;
};

const sessionsMethods: Record<string, Method> = { "agents.sessions.setStatus": setStatus, "agents.sessions.rename": rename };

export { sessionsMethods };
