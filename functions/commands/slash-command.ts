import type { Deadline } from "#core/deadline";
import type { Form } from "#core/http/form";
import type { SlashAnswer } from "#core/slack/slash-answer";
import type { TeamSettings } from "#core/slack/team-settings";

interface SlashCommand {
  /**
   * `sentAtMs` is when Slack first sent the command, to the second. `chosen` is what the workspace has chosen; undefined where the stack serves one
   * workspace.
   */
  answer(form: Form, deadline: Deadline, sentAtMs: number, chosen?: TeamSettings): Promise<SlashAnswer>;
}

export type { SlashCommand };
