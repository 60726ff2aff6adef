/** `/words`: shows the most frequent words. */
import type { Deadline } from "#core/deadline";
import type { Form } from "#core/form";
import { parseTop } from "#core/message/leaderboard";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import type { SlashCommand } from "#functions/commands/slash-command";
import type { Top } from "#functions/top";

class WordsCommand implements SlashCommand {
  constructor(private readonly top: Pick<Top, "answer">) {}

  async answer(form: Form, deadline: Deadline): Promise<SlashAnswer> {
    const place = { team: form.get("team_id") ?? "", channel: form.get("channel_id") ?? "", user: form.get("user_id") ?? "" };
    return tell(await this.top.answer(parseTop(form.get("text") ?? ""), place, deadline));
  }
}

export { WordsCommand };
