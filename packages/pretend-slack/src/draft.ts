import type { StateChange } from "@slack-fanout/laptop-cloud/kernel/state";
import type { OutgoingRequest } from "./deliveries";
import type { Channel } from "./directory";
import type { Message } from "./message";
import type { Stream } from "./stream";

/** A message that is about to be posted. */
interface Draft {
  channel: Channel;
  message: Omit<Message, "ts">;
  visibleTo?: string;
  /** If the app will append to the message. */
  stream?: Stream;
  /** Default: a new trace. */
  trace?: string;
  /** Requests that the message causes in addition to its events. */
  requests?: (ts: string) => Pick<OutgoingRequest, "door" | "event" | "content">[];
  /** Changes to write in the same batch. */
  changes?: StateChange[];
}

/** How a message changes. */
interface ChangeOptions {
  /** Changes to write in the same batch. */
  changes?: StateChange[];
  /** Whether the app gets no event. */
  isSilent?: boolean;
}

export type { ChangeOptions, Draft };
