/** `/words`: shows the most frequent words, or the counts of one word. */
import type { Deadline } from "#core/deadline";
import { isNotDurable } from "#core/errors";
import type { Form } from "#core/form";
import { HELP, parseWordsQuestion, type WordsQuestion } from "#core/message/words-question";
import { isProblem } from "#core/problem";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import type { SlashCommand } from "#functions/commands/slash-command";
import { createTop, type Place, type Top, type TopSettings } from "#functions/top";
import { createWordCounts, type WordCounts } from "#functions/word-counts";

/** Slack does not retry a command, and would show the person nothing but a failure. */
const TIME_IS_UP = "The counts could not be read in time. Ask again in a moment, or for fewer days.";

class WordsCommand implements SlashCommand {
  constructor(
    private readonly top: Pick<Top, "answer">,
    private readonly counts: Pick<WordCounts, "answer">,
  ) {}

  async answer(form: Form, deadline: Deadline): Promise<SlashAnswer> {
    const place = { team: form.get("team_id") ?? "", channel: form.get("channel_id") ?? "", user: form.get("user_id") ?? "" };
    const question = parseWordsQuestion(form.get("text") ?? "");
    if (isProblem(question)) return tell(question.problem);
    try {
      return tell(await this.read(question, place, deadline));
    } catch (error) {
      if (isNotDurable(error)) return tell(TIME_IS_UP);
      throw error;
    }
  }

  private async read(question: WordsQuestion, place: Place, deadline: Deadline): Promise<string> {
    switch (question.name) {
      case "help":
        return HELP;
      case "word":
        return this.counts.answer(question.token, place, deadline);
      case "top":
        return this.top.answer(question.request, place, deadline);
    }
  }
}

const createWordsCommand = (settings: TopSettings): WordsCommand => new WordsCommand(createTop(settings), createWordCounts(settings));

export { createWordsCommand, WordsCommand };
