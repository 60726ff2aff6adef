import type { Call } from "../../kernel/service";
import type { StateChange } from "../../kernel/state";

/** The cause of a change, for its event. */
interface Cause {
  /** "ObjectCreated:Put" */
  eventName: string;
  /** Absent where S3 itself is the cause. */
  call?: Call;
  /** Changes to write in the same batch. */
  alongside?: StateChange[];
}

export type { Cause };
