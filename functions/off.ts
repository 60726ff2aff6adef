/** The command and the buttons of a feature that is off. */
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import type { SlashCommand } from "#functions/commands/slash-command";
import type { Buttons, Effect } from "#functions/interactions/buttons";

class OffCommand implements SlashCommand {
  constructor(private readonly sentence: string) {}

  async answer(): Promise<SlashAnswer> {
    return tell(this.sentence);
  }
}

/** Buttons under messages from before the feature was turned off. */
class OffButtons implements Buttons {
  constructor(
    private readonly owns: (action: unknown) => boolean,
    private readonly sentence: string,
  ) {}

  read(action: unknown): Effect | undefined {
    return this.owns(action) ? async () => ({ ...tell(this.sentence), replace_original: false }) : undefined;
  }
}

export { OffButtons, OffCommand };
