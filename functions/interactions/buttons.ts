/** The interface between the door and each kind of button. */
import type { Deadline } from "#core/deadline";
import type { JsonObject } from "#core/json";
import type { TeamSettings } from "#core/slack/team-settings";

/** A press of one of our buttons. */
interface Press {
  team: string;
  user: string;
  /** The press's id, which repeated deliveries share. */
  request: string;
  /** Whether only this person sees the message. */
  isEphemeral: boolean;
  /** What the workspace has chosen; undefined where the stack serves one workspace. */
  chosen?: TeamSettings | undefined;
}

/** An answer, and whether it replaces the message with the button. */
interface Reply {
  response_type: "ephemeral" | "in_channel";
  replace_original: boolean;
  text: string;
  blocks?: JsonObject[];
}

/** The effect of a press. Throws `NotDurable`. */
type Effect = (press: Press, deadline: Deadline) => Promise<Reply>;

/** One kind of button. */
interface Buttons {
  /** Finds the effect of a button. Undefined for another kind of button. Throws `BadRequest` for an invalid value. */
  read(action: unknown, value: unknown): Effect | undefined;
}

export type { Buttons, Effect, Press, Reply };
