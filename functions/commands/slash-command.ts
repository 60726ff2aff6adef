import type { Deadline } from "#core/deadline";
import type { Form } from "#core/form";
import type { SlashAnswer } from "#core/slash-answer";

/** One slash command. */
interface SlashCommand {
  answer(form: Form, deadline: Deadline): Promise<SlashAnswer>;
}

export type { SlashCommand };
