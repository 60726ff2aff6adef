import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { WordsCommand } from "#functions/commands/words";
import { Top } from "#functions/top";
import { WordCounts } from "#functions/word-counts";
import { PersonalChoices } from "#stores/message/personal-choices";

describe("/words", () => {
  const deadline = new Deadline(5000);
  let top: sinon.SinonStubbedInstance<Top>;
  let choices: sinon.SinonStubbedInstance<PersonalChoices>;
  let counts: sinon.SinonStubbedInstance<WordCounts>;
  beforeEach(() => {
    top = sinon.createStubInstance(Top);
    top.answer.resolves("*Top words*");
    choices = sinon.createStubInstance(PersonalChoices);
    counts = sinon.createStubInstance(WordCounts);
    counts.answer.resolves("all time = 3");
  });
  const place = { team: "T0001", channel: "C0001", user: "U0001" };
  const say = (text?: string, personalBoards = true) => {
    const form = new Map([
      ["team_id", place.team],
      ["channel_id", place.channel],
      ["user_id", place.user],
    ]);
    return new WordsCommand({ top, counts, choices, settings: { personalBoards }, nowMs: () => 1_763_805_600_999 }).answer(
      text === undefined ? form : form.set("text", text),
      deadline,
    );
  };

  const questions = [
    [undefined, { limit: 10, window: "ever", here: false, mine: false }],
    ["", { limit: 10, window: "ever", here: false, mine: false }],
    ["50", { limit: 50, window: "ever", here: false, mine: false }],
    ["today 5", { limit: 5, window: "today", here: false, mine: false }],
    ["here", { limit: 10, window: "ever", here: true, mine: false }],
    ["mine", { limit: 10, window: "ever", here: false, mine: true }],
    ["5 today", { limit: 5, window: "today", here: false, mine: false }],
  ] as const;
  for (const [text, request] of questions) {
    it(`reads ${JSON.stringify(text)} as a question, and answers only the user`, async () => {
      expect(await say(text)).to.deep.equal({ response_type: "ephemeral", text: "*Top words*" });
      sinon.assert.calledOnceWithExactly(top.answer, request, place, deadline);
    });
  }

  it("says that people have no lists of their own, and still forgets earlier ones", async () => {
    expect(await say("mine", false))
      .to.have.property("text")
      .that.contains("`personalBoards`");
    sinon.assert.notCalled(top.answer);
    await say("forget", false);
    sinon.assert.calledOnce(choices.forget);
  });

  it("asks for the counts of one word", async () => {
    expect(await say("“Today”")).to.deep.equal({ response_type: "ephemeral", text: "all time = 3" });
    sinon.assert.calledOnceWithExactly(counts.answer, "today", place, deadline);
  });

  for (const change of ["off", "on", "forget"])
    it(`says where no boards are kept that there is nothing to change: ${change}`, async () => {
      const { text } = await new WordsCommand({ top, counts, choices: undefined, settings: { personalBoards: true } }).answer(
        new Map([["text", change]]),
        deadline,
      );
      expect(text).to.match(/^Only the counts of all time are kept here\./);
    });

  it("answers a mistake in the question, escaped", async () => {
    expect(await say("<!here>"))
      .to.have.property("text")
      .that.contains('"&lt;!here&gt;"');
    sinon.assert.notCalled(top.answer);
  });

  it("switches the person's own lists off and on, and empties them", async () => {
    const member = { team: "T0001", user: "U0001" };
    expect(await say("OFF"))
      .to.have.property("text")
      .that.includes("doesn't count in your own lists");
    sinon.assert.calledOnceWithExactly(choices.setOff, member, true, deadline);
    expect(await say("on"))
      .to.have.property("text")
      .that.includes("counts in your own lists");
    sinon.assert.calledWithExactly(choices.setOff, member, false, deadline);
    expect(await say("forget"))
      .to.have.property("text")
      .that.includes("empty");
    sinon.assert.calledOnceWithExactly(choices.forget, member, 1_763_805_600, deadline);
    sinon.assert.notCalled(top.answer);
  });

  it("explains itself", async () => {
    expect(await say("Help"))
      .to.have.property("text")
      .that.includes("/words WORD");
  });

  for (const late of [new NotDurable("late"), new AggregateError([new NotDurable("late"), new NotDurable("late")])]) {
    it(`says that the time was up: ${late.name}`, async () => {
      top.answer.rejects(late);
      expect(await say("month"))
        .to.have.property("text")
        .that.includes("too long");
    });
  }

  it("throws other errors", async () => {
    const down = new AggregateError([new NotDurable("late"), new Error("down")]);
    top.answer.rejects(down);
    expect(await rejectionOf(say("5"))).to.equal(down);
  });
});
