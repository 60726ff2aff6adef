import { quote, refuseUnknownFields } from "@slack-fanout/laptop-cloud/kernel/http";
import type { StopRequest } from "./protocol";
import { parseChannel, parsePerson, refuse } from "./say";
import type { Slack } from "./slack";
import { isStreaming } from "./streams";

const fields: (keyof StopRequest)[] = ["user", "channel", "threadTs"];

/**
 * `POST {slack}/stop`: a person presses Slack's own stop button of an agent session. Slack ends the thread's streams; the status is left to
 * the app. The button is there while the session is processing, for apps that subscribe to its event. Throws `HttpError` 400.
 * Source: https://docs.slack.dev/ai/agent-sessions#stopping
 */
const stop = async (slack: Slack, input: Record<string, unknown>): Promise<{ ok: true; ts: string }> => {
  refuseUnknownFields(input, fields);
  const user = parsePerson(slack, input["user"]);
  const channel = await parseChannel(slack, input["channel"], user);
  const threadTs = input["threadTs"];
  const session = typeof threadTs === "string" ? slack.sessions.find(channel.id, threadTs) : undefined;
  if (session?.status !== "processing")
    return refuse("session_not_processing", `threadTs is ${quote(threadTs)}, but must be a thread whose session is processing.`);
  if (!slack.installation.app?.botEvents.has("agent_session_stopped"))
    return refuse("not_stoppable", "The app does not subscribe to agent_session_stopped, so Slack shows no stop button.");
  const streams = slack.streams
    .all()
    .filter(posted => isStreaming(posted) && posted.channel === channel.id && posted.message.thread_ts === session.threadTs);
  for (const posted of streams) await slack.streams.end(channel, posted, { state: "completed" });
  const eventTs = slack.workspace.nextTimestamp();
  await slack.announce(channel, session.threadTs, {
    type: "agent_session_stopped",
    channel: channel.id,
    thread_ts: session.threadTs,
    user,
    streaming_message_ts: streams.map(({ message }) => message.ts),
    event_ts: eventTs,
  });
  return { ok: true, ts: eventTs };
};

export { stop };
