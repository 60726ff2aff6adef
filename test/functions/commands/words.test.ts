import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { WordsCommand } from "#functions/commands/words";
import { Top } from "#functions/top";

describe("/words", () => {
  const deadline = new Deadline(5000);
  let top: sinon.SinonStubbedInstance<Top>;
  beforeEach(() => {
    top = sinon.createStubInstance(Top);
    top.answer.resolves("*Top words*");
  });
  const place = { team: "T0001", channel: "C0001", user: "U0001" };
  const say = (text?: string) => {
    const form = new Map([
      ["team_id", place.team],
      ["channel_id", place.channel],
      ["user_id", place.user],
    ]);
    return new WordsCommand(top).answer(text === undefined ? form : form.set("text", text), deadline);
  };

  const questions = [
    [undefined, { limit: 10, today: false, here: false }],
    ["", { limit: 10, today: false, here: false }],
    ["50", { limit: 50, today: false, here: false }],
    ["today 5", { limit: 5, today: true, here: false }],
    ["here", { limit: 10, today: false, here: true }],
    ["5 today", { limit: 5, today: true, here: false }],
  ] as const;
  for (const [text, request] of questions) {
    it(`reads ${JSON.stringify(text)} as a question, and answers only the user`, async () => {
      expect(await say(text)).to.deep.equal({ response_type: "ephemeral", text: "*Top words*" });
      sinon.assert.calledOnceWithExactly(top.answer, request, place, deadline);
    });
  }

  it("answers a mistake in the question, escaped", async () => {
    await say("<!here>");
    expect(top.answer.firstCall.args[0]).to.have.property("problem").that.contains('"&lt;!here&gt;"');
  });

  it("throws what the leaderboard throws", async () => {
    const down = new NotDurable("down");
    top.answer.rejects(down);
    expect(await rejectionOf(say("5"))).to.equal(down);
  });
});
