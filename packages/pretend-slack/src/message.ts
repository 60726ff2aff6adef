/** Messages as the workspace stores them, and as Slack shows them. */

import type { Block } from "./block";
import type { Stream } from "./stream";

/** The record of a file, whose bytes are in a folder. */
interface SlackFile {
  id: string;
  name: string;
  title: string;
  mimetype: string;
  sizeBytes: number;
  user: string;
  createdSeconds: number;
  /** Whether it was shared in a public channel. Absent in files of earlier releases, which were. */
  isPublic?: boolean;
  /** The last segment of the upload URL, until the upload is complete. Until then nobody can see the file. */
  ticket?: string;
}

interface Reaction {
  name: string;
  users: string[];
}

/** Names without colons, such as `thumbsup` and `+1`. */
const isEmojiName = (name: string) => /^[\p{L}\p{N}_+'-]{1,100}$/u.test(name);

interface Metadata {
  event_type: string;
  event_payload: Record<string, unknown>;
}

/** A message, with Slack's own field names where Slack has the field. */
interface Message {
  ts: string;
  text: string;
  subtype?: string;
  /** In tombstones, which stand where a deleted message has replies. */
  hidden?: true;
  user?: string;
  bot_id?: string;
  app_id?: string;
  username?: string;
  client_msg_id?: string;
  thread_ts?: string;
  blocks?: Block[];
  attachments?: Block[];
  metadata?: Metadata;
  /** In messages that were streamed. */
  streaming_state?: "in_progress" | "completed" | "errored";
  edited?: { user: string; ts: string };
  files?: SlackFile[];
  reactions?: Reaction[];
}

/** The state of a request that a message caused. It contains no secrets. */
interface Delivery {
  id: string;
  door: "webhook" | "events" | "commands" | "interactions";
  /** The event's type, or the command. */
  event?: string;
  signed: boolean;
  state: "sending" | "waiting" | "delivered" | "failed";
  /** The HTTP status of the last answer; null if there is none. */
  status: number | null;
  /** The reason of a failure: "http_timeout", "http_error", "connection_failed". */
  reason?: string;
  /** The duration of the last attempt. */
  ms: number | null;
  retries: number;
  /** When the next attempt is due, in epoch milliseconds. */
  nextMs?: number;
}

/** A message in a channel. */
interface Posted {
  channel: string;
  message: Message;
  /** The only person who sees it (an ephemeral message). */
  visibleTo?: string;
  deliveries: Delivery[];
  trace: string;
  stream?: Stream;
}

/** A file as Slack shows it. Its URLs are built each time, because the port may change at a restart. */
const presentFile = (file: SlackFile, teamId: string, slackUrl: string) => {
  const base = `${slackUrl}/files-pri/${teamId}-${file.id}`;
  const name = encodeURIComponent(urlNameOf(file.name));
  return {
    id: file.id,
    created: file.createdSeconds,
    timestamp: file.createdSeconds,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: extensionOf(file.name) || "binary",
    user: file.user,
    size: file.sizeBytes,
    mode: "hosted",
    is_external: false,
    is_public: file.isPublic ?? true,
    file_access: "visible",
    url_private: `${base}/${name}`,
    url_private_download: `${base}/download/${name}`,
  };
};

// Slack's file URLs contain a simplified name without slashes.
const urlNameOf = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "_")
    .replace(/^\.+/, "") || "file";

const extensionOf = (name: string) => /\.([a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? "";

/** A message as the Web API and events show it, with metadata only if requested. */
const presentMessage = (message: Message, teamId: string, slackUrl: string, { withMetadata = false } = {}) => {
  const { files, reactions, metadata, ...rest } = message;
  return {
    type: "message",
    ...rest,
    team: teamId,
    ...(files === undefined ? {} : { files: files.map(file => presentFile(file, teamId, slackUrl)), upload: false }),
    ...(reactions === undefined || reactions.length === 0
      ? {}
      : { reactions: reactions.map(({ name, users }) => ({ name, users, count: users.length })) }),
    ...(withMetadata && metadata !== undefined ? { metadata } : {}),
  };
};

export type { Delivery, Message, Metadata, Posted, Reaction, SlackFile };
export { isEmojiName, presentFile, presentMessage };
