/** Messages as SNS brings them; one default, and overrides. */
import type { JsonObject } from "#core/json";
import { buildEvent, type EventEnvelope, isEventEnvelope, parseAnyEnvelope } from "#core/message/event";
import { buildMessage, type Envelope, type MessageInput, parseEnvelope } from "#core/message/message";

const buildEnvelope = (over: Partial<MessageInput> = {}): Envelope =>
  parseEnvelope(
    buildMessage({
      door: "webhook",
      team: "T0001",
      channel: "C0001",
      user: "U0001",
      text: "tea tea milk",
      ts: "1763805600.000200",
      files: [],
      private: false,
      mentionsBot: false,
      tokens: [
        ["tea", 2],
        ["milk", 1],
      ],
      ...over,
    }).envelope,
  );

const parseEvent = (json: string): EventEnvelope => {
  const envelope = parseAnyEnvelope(json);
  if (!isEventEnvelope(envelope)) throw new Error(`${json} is no event`);
  return envelope;
};

interface EditOptions {
  ts?: string;
  threadTs?: string;
  /** When it was edited. */
  editedTs?: string;
  eventTs?: string;
  channelType?: string;
  split?: "words" | "annotations";
}

const place = (ts: string) => ({ team: "T0001", subject: `C0001/${ts}`, key: ["C0001", ts] });

const inThread = (threadTs: string | undefined) => (threadTs === undefined ? {} : { thread_ts: threadTs });

/** Slack's message_changed, as a door accepts it. */
const buildEditMessage = (
  text: string,
  {
    ts = "1763805600.000200",
    threadTs,
    editedTs = "1763805660.000000",
    eventTs = editedTs,
    channelType = "channel",
    split = "words",
  }: EditOptions = {},
) => {
  const message = { type: "message", user: "U0001", text, ts, ...inThread(threadTs), edited: { user: "U0001", ts: editedTs } };
  const event = { type: "message", subtype: "message_changed", channel: "C0001", channel_type: channelType, message, ts: eventTs };
  return buildEvent(
    {
      name: "message_changed",
      ...place(ts),
      key: ["C0001", ts, eventTs],
      atSeconds: Number(editedTs),
      channelType,
      split,
      event: { ...event, event_ts: eventTs },
    },
    [],
  );
};

/** Slack's message_deleted, as a door accepts it. */
const buildDeletionMessage = ({
  ts = "1763805600.000200",
  threadTs,
  eventTs = "1763805720.000100",
  channelType = "channel",
}: EditOptions = {}) => {
  const previous = threadTs === undefined ? {} : { previous_message: inThread(threadTs) };
  const event = {
    type: "message",
    subtype: "message_deleted",
    channel: "C0001",
    channel_type: channelType,
    deleted_ts: ts,
    ts: eventTs,
    ...previous,
  };
  return buildEvent(
    { name: "message_deleted", ...place(ts), atSeconds: Number(eventTs), channelType, event: { ...event, event_ts: eventTs } },
    [],
  );
};

/** Slack's team_join, as a door accepts it. */
const buildJoin = (user: JsonObject): EventEnvelope => {
  const id = String(user["id"]);
  const event = { type: "team_join", user };
  return parseEvent(buildEvent({ name: "team_join", team: "T0001", key: [id], subject: id, atSeconds: 1763805600, event }, []).envelope);
};

const buildEdit = (text: string, options?: EditOptions): EventEnvelope => parseEvent(buildEditMessage(text, options).envelope);
const buildDeletion = (options?: EditOptions): EventEnvelope => parseEvent(buildDeletionMessage(options).envelope);

export { buildDeletion, buildDeletionMessage, buildEdit, buildEditMessage, buildEnvelope, buildJoin };
