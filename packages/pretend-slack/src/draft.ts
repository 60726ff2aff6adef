import type { StateChange } from "../../laptop-cloud/src/kernel/state";
import type { Parcel } from "./deliveries";
import type { Channel } from "./directory";
import type { Message } from "./message";

/** A message that is about to be posted. */
interface Draft {
  channel: Channel;
  message: Omit<Message, "ts">;
  visibleTo?: string;
  /** The trace that it goes on; a new one if none is given. */
  trace?: string;
  /** What beside events goes out because of it. */
  parcels?: (ts: string) => Pick<Parcel, "door" | "event" | "content">[];
  /** Writes that belong to it. */
  changes?: StateChange[];
}

export type { Draft };
