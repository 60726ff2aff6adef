/** `/archive`: finds the latest files with a tag. */
import type { Deadline } from "#core/deadline";
import type { Form } from "#core/http/form";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import type { SlashCommand } from "#functions/commands/slash-command";
import type { ArchiveSearch } from "#functions/documents/archive-search";

class ArchiveCommand implements SlashCommand {
  constructor(private readonly archive: Pick<ArchiveSearch, "answer">) {}

  async answer(form: Form, deadline: Deadline): Promise<SlashAnswer> {
    const asker = { team: form.get("team_id") ?? "", channel: form.get("channel_id") ?? "" };
    return tell(await this.archive.answer(form.get("text") ?? "", asker, deadline));
  }
}

export { ArchiveCommand };
