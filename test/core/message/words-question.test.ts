import { expect } from "chai";
import { parseWordsQuestion } from "#core/message/words-question";

describe("words question", () => {
  const words: [text: string, token: string][] = [
    ["tea", "tea"],
    [" TEA ", "tea"],
    ["todya", "todya"],
    ["#Team_A", "#team_a"],
    ["п’ять", "п'ять"],
    ['"today"', "today"],
    ["“here”", "here"],
    ['"5"', "5"],
    ['"help"', "help"],
    ['"off"', "off"],
    ["top", "top"],
  ];
  for (const [text, token] of words) {
    it(`reads ${text} as a word`, () => expect(parseWordsQuestion(text)).to.deep.equal({ name: "word", token }));
  }

  it("reads keywords and numbers as a question for the leaderboard", () => {
    const request = { limit: 5, window: "week", here: true, mine: false };
    expect(parseWordsQuestion("here \u200bweek 5")).to.deep.equal({ name: "top", request });
    expect(parseWordsQuestion("")).to.have.property("name", "top");
  });

  for (const name of ["off", "on", "forget", "help"]) {
    it(`reads ${name} as itself, but not beside other words`, () => {
      expect(parseWordsQuestion(` ${name.toUpperCase()} `)).to.deep.equal({ name });
      expect(parseWordsQuestion(`${name} here`)).to.have.property("problem");
    });
  }

  for (const text of ["tea tea", "tea today", "todya 5", ":tada:", "<@U0001>", "'", '""', "...", "51", "today week"]) {
    it(`quotes ${text}, which is no question`, () => {
      expect(parseWordsQuestion(text))
        .to.have.property("problem")
        .that.matches(/^I can't read ".*"(?:: say|\. Ask for one word or hashtag, or for a list with) a whole number from 1 to 50/);
    });
  }
});
