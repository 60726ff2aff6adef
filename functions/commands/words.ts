/** `/words`: shows the most frequent words, or the counts of one word, and changes what a person's own lists count. */
import type { Deadline } from "#core/deadline";
import { OFF } from "#core/feature-off";
import type { Form } from "#core/http/form";
import { CountKeys } from "#core/message/count-keys";
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

interface WordsSettings extends TopSettings {
  /** Whether people have lists of their own words. Earlier ones can always be forgotten. */
  personalBoards: boolean;
}

interface WordsParts {
  top: Pick<Top, "answer">;
  counts: Pick<WordCounts, "answer">;
  /** Undefined where the boards are off. */
  choices: Pick<PersonalChoices, "setOff" | "forget"> | undefined;
  settings: Pick<WordsSettings, "personalBoards">;
  nowMs?: () => number;
}

class WordsCommand implements SlashCommand {
  readonly #parts: WordsParts & Required<Pick<WordsParts, "nowMs">>;

  constructor(parts: WordsParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

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
    const { top, counts, choices, settings, nowMs } = this.#parts;
    const { channel: _, ...member } = place;
    switch (question.name) {
      case "top":
        return question.request.mine && !settings.personalBoards ? OFF.personalBoards : top.answer(question.request, place, deadline);
      case "word":
        return counts.answer(question.token, place, deadline);
      case "help":
        return HELP;
      case "forget":
        if (choices === undefined) return OFF.boards;
        await choices.forget(member, Math.floor(nowMs() / 1000), deadline);
        return CHANGED.forget;
      case "off":
      case "on":
        if (choices === undefined) return OFF.boards;
        await choices.setOff(member, question.name === "off", deadline);
        return CHANGED[question.name];
    }
  }
}

const createWordsCommand = (settings: WordsSettings): WordsCommand => {
  const { boardsTable } = settings;
  const choices =
    boardsTable === undefined ? undefined : new PersonalChoices(createDynamoDB("ack"), boardsTable, new CountKeys(settings.layout));
  return new WordsCommand({ top: createTop(settings), counts: createWordCounts(settings), choices, settings });
};

export type { WordsSettings };
export { createWordsCommand, WordsCommand };
