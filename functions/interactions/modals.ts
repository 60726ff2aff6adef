/** The interface between the door and each modal of the Home. */
import type { Deadline } from "#core/deadline";
import type { Entered, FieldErrors } from "#core/home/modal";
import type { JsonObject } from "#core/json";
import type { Problem } from "#core/problem";
import type { Press } from "#functions/interactions/buttons";

/** Who opens or submits a modal. `request` is the same when a modal is submitted again. */
type Actor = Pick<Press, "team" | "user" | "request" | "chosen">;

/** A submitted modal. */
interface Submission {
  entered: Entered;
  /** What the modal was built with. */
  metadata: string;
}

/** What came of it: a sentence for the person, or what is wrong, by field. The sentence is escaped mrkdwn; the errors are plain text. */
type Submitted = { note: string } | { errors: FieldErrors };

interface Modal {
  /** Builds the view. Returns a sentence, as escaped mrkdwn, if this person may not open it. `value` is that of the button, or empty. */
  open(value: string, actor: Actor, deadline: Deadline): Promise<JsonObject | Problem>;
  /** Does what was entered. Throws `NotDurable`. */
  submit(submission: Submission, actor: Actor, deadline: Deadline): Promise<Submitted>;
}

export type { Actor, Modal, Submission, Submitted };
