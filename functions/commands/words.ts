/** `/words`: shows the most frequent words, or the counts of one word, and changes what one's own lists count. */
import type { Deadline } from "#core/deadline";
import type { Form } from "#core/form";
import { CHANGED, HELP, parseWordsQuestion, type WordsQuestion } from "#core/message/words-question";
import { isProblem } from "#core/problem";
import { isNotDurable } from "#core/side-by-side";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import type { SlashCommand } from "#functions/commands/slash-command";
import { createTop, type Place, type Top, type TopSettings } from "#functions/top";
import { createWordCounts, type WordCounts } from "#functions/word-counts";
import { createDynamoDB } from "#stores/aws-clients";
import { PersonalChoices } from "#stores/message/personal-choices";

/** Slack does not retry a command, and would show the person nothing but a failure. */
const TIME_IS_UP = "That took too long. Say it again in a moment; fewer days take less time.";

class WordsCommand implements SlashCommand {
  constructor(
    private readonly top: Pick<Top, "answer">,
    private readonly counts: Pick<WordCounts, "answer">,
    private readonly choices: Pick<PersonalChoices, "setOff" | "forget">,
    private readonly nowMs: () => number = Date.now,
  ) {}

  async answer(form: Form, deadline: Deadline): Promise<SlashAnswer> {
    const place = { team: form.get("team_id") ?? "", channel: form.get("channel_id") ?? "", user: form.get("user_id") ?? "" };
    const question = parseWordsQuestion(form.get("text") ?? "");
    if (isProblem(question)) return tell(question.problem);
    try {
      return tell(await this.act(question, place, deadline));
    } catch (error) {
      if (isNotDurable(error)) return tell(TIME_IS_UP);
      throw error;
    }
  }

  /** Returns the answer. */
  private async act(question: WordsQuestion, place: Place, deadline: Deadline): Promise<string> {
    const { channel: _, ...member } = place;
    switch (question.name) {
      case "top":
        return this.top.answer(question.request, place, deadline);
      case "word":
        return this.counts.answer(question.token, place, deadline);
      case "help":
        return HELP;
      case "forget":
        await this.choices.forget(member, Math.floor(this.nowMs() / 1000), deadline);
        return CHANGED.forget;
      case "off":
      case "on":
        await this.choices.setOff(member, question.name === "off", deadline);
        return CHANGED[question.name];
    }
  }
}

const createWordsCommand = (settings: TopSettings): WordsCommand => {
  const choices = new PersonalChoices(createDynamoDB("ack"), settings.boardsTable);
  return new WordsCommand(createTop(settings), createWordCounts(settings), choices);
};

export { createWordsCommand, WordsCommand };
