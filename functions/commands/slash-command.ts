import type { Deadline } from "#core/deadline";
import type { Form } from "#core/form";
import type { SlashAnswer } from "#core/slack/slash-answer";

/** One slash command. */
interface SlashCommand {
  /** `sentAtMs` is when Slack sent it, to the second: what is sent again has the time of the first sending. */
  answer(form: Form, deadline: Deadline, sentAtMs: number): Promise<SlashAnswer>;
}

export type { SlashCommand };
