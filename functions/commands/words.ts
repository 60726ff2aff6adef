/** `/words`: shows the most frequent words. */
import type { Deadline } from "#core/deadline";
import { isNotDurable } from "#core/errors";
import type { Form } from "#core/form";
import { parseTop } from "#core/message/leaderboard";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import type { SlashCommand } from "#functions/commands/slash-command";
import type { Top } from "#functions/top";

/** Slack does not retry a command, and would show the person nothing but a failure. */
const TIME_IS_UP = "The counts could not be read in time. Ask again in a moment, or for fewer days.";

class WordsCommand implements SlashCommand {
  constructor(private readonly top: Pick<Top, "answer">) {}

  async answer(form: Form, deadline: Deadline): Promise<SlashAnswer> {
    const place = { team: form.get("team_id") ?? "", channel: form.get("channel_id") ?? "", user: form.get("user_id") ?? "" };
    try {
      return tell(await this.top.answer(parseTop(form.get("text") ?? ""), place, deadline));
    } catch (error) {
      if (isNotDurable(error)) return tell(TIME_IS_UP);
      throw error;
    }
  }
}

export { WordsCommand };
