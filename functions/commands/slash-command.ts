import type { Deadline } from "#core/deadline";
import type { Form } from "#core/form";
import type { SlashAnswer } from "#core/slack/slash-answer";

/** One slash command. */
interface SlashCommand {
  /** `sentAtMs` is when Slack first sent the command, to the second. */
  answer(form: Form, deadline: Deadline, sentAtMs: number): Promise<SlashAnswer>;
}

export type { SlashCommand };
