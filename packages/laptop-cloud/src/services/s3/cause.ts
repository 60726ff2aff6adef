import type { Call } from "../../kernel/service";
import type { StateChange } from "../../kernel/state";

/** Who changes an object, for the event that tells of it. */
interface Cause {
  /** "ObjectCreated:Put" */
  eventName: string;
  /** Absent where S3 itself is the cause. */
  call?: Call;
  /** What else must be written with the change, or not at all. */
  alongside?: StateChange[];
}

export type { Cause };
