/** What the door knows of a kind of buttons. */
import type { Deadline } from "#core/deadline";
import type { JsonObject } from "#core/json";

/** A press of one of our buttons. */
interface Press {
  team: string;
  user: string;
  /** The same for the same press, however often it comes. */
  request: string;
  /** Whether only the one who pressed sees the message. */
  isEphemeral: boolean;
}

/** An answer, and whether it takes the place of the message with the button. */
interface Reply {
  response_type: "ephemeral" | "in_channel";
  replace_original: boolean;
  text: string;
  blocks?: JsonObject[];
}

/** What a press sets off. Throws `NotDurable`. */
type Effect = (press: Press, deadline: Deadline) => Promise<Reply>;

/** One kind of buttons. */
interface Buttons {
  /** Reads what a button does; undefined for a button of another kind. Throws `BadRequest` for a value that none of this kind has. */
  read(action: unknown, value: unknown): Effect | undefined;
}

export type { Buttons, Effect, Press, Reply };
