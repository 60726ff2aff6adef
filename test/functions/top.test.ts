import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { Top } from "#functions/top";
import { BoardsTable } from "#stores/message/boards-table";
import { PersonalBoards } from "#stores/message/personal-boards";
import { PersonalChoices } from "#stores/message/personal-choices";
import { WordsTable } from "#stores/message/words-table";

const NOW_MS = Date.UTC(2025, 10, 22, 23, 59);

describe("top", () => {
  const make = () => {
    const words = sinon.createStubInstance(WordsTable);
    const boards = sinon.createStubInstance(BoardsTable);
    for (const table of [words, boards]) table.readTop.resolves([["tea", 3]]);
    const [choices, personal] = [sinon.createStubInstance(PersonalChoices), sinon.createStubInstance(PersonalBoards)];
    choices.read.resolves({ off: false, generation: 2 });
    personal.readCounts.resolves([
      ["milk", 1],
      ["#tea", 9],
      ["tea", 3],
    ]);
    const own = { choices, boards: personal };
    return { words, boards, choices, personal, top: new Top({ words, boards, own, nowMs: () => NOW_MS }) };
  };
  const everybody = { team: "T0001" };
  const place = { team: "T0001", channel: "G0001", user: "U0001" };
  const here = { team: "T0001", channel: "G0001" };
  const deadline = new Deadline(2500);

  it("reads the all-time boards of words and annotations", async () => {
    const { words, boards, top } = make();
    expect(await top.answer({ limit: 5, window: "ever", here: false, mine: false }, place, deadline)).to.include("tea");
    sinon.assert.calledWithExactly(words.readTop, everybody, "word", 5, deadline);
    sinon.assert.calledWithExactly(words.readTop, everybody, "annotation", 5, deadline);
    sinon.assert.notCalled(boards.readTop);
  });

  it("says that there are only the counts of all time, where no boards are kept", async () => {
    const { words } = make();
    const top = new Top({ words, boards: undefined, own: undefined });
    const everything = { limit: 5, window: "ever", here: false, mine: false } as const;
    expect(await top.answer(everything, place, deadline)).to.include("tea");
    for (const other of [{ window: "today" }, { here: true }, { mine: true }] as const)
      expect(await top.answer({ ...everything, ...other }, place, deadline)).to.match(/^Only the counts of all time are kept here\./);
  });

  it("reads the boards of the UTC day", async () => {
    const { words, boards, top } = make();
    await top.answer({ limit: 5, window: "today", here: false, mine: false }, place, deadline);
    sinon.assert.calledWithExactly(boards.readTop, { ...everybody, period: "2025-11-22" }, "word", 5, deadline);
    sinon.assert.calledWithExactly(boards.readTop, { ...everybody, period: "2025-11-22" }, "annotation", 5, deadline);
    sinon.assert.notCalled(words.readTop);
  });

  for (const { window, period } of [
    { window: "ever" as const, period: "ever" },
    { window: "today" as const, period: "2025-11-22" },
  ]) {
    it(`reads the boards of the conversation where it is asked: ${period}`, async () => {
      const { words, boards, top } = make();
      expect(await top.answer({ limit: 5, window, here: true, mine: false }, place, deadline)).to.include("here");
      sinon.assert.calledWithExactly(boards.readTop, { ...here, period }, "word", 5, deadline);
      sinon.assert.calledWithExactly(boards.readTop, { ...here, period }, "annotation", 5, deadline);
      sinon.assert.notCalled(words.readTop);
    });
  }

  it("adds up the boards of a week, of everybody or of the conversation", async () => {
    const { boards, top } = make();
    boards.readTopSums.resolves([["milk", 7]]);
    expect(await top.answer({ limit: 5, window: "week", here: false, mine: false }, place, deadline)).to.include("milk");
    await top.answer({ limit: 5, window: "week", here: true, mine: false }, place, deadline);
    const asked = boards.readTopSums.args.map(([[first], kind, limit]) => [first, kind, limit]);
    expect(asked).to.deep.equal([
      [{ ...everybody, period: "2025-11-22" }, "word", 5],
      [{ ...everybody, period: "2025-11-22" }, "annotation", 5],
      [{ ...here, period: "2025-11-22" }, "word", 5],
      [{ ...here, period: "2025-11-22" }, "annotation", 5],
    ]);
    for (const [week] of boards.readTopSums.args) expect(week).to.have.length(7);
  });

  for (const { window, isHere, scope, periods } of [
    { window: "ever" as const, isHere: false, scope: everybody, periods: ["ever"] },
    { window: "today" as const, isHere: true, scope: here, periods: ["2025-11-22"] },
  ]) {
    it(`reads the boards of the person who asks, of their generation: ${window}`, async () => {
      const { words, personal, choices, top } = make();
      const answer = await top.answer({ limit: 1, window, here: isHere, mine: true }, place, deadline);
      expect(answer.match(/`.*/g)).to.deep.equal(["`tea` = 3", "`#tea` = 9"]);
      sinon.assert.calledOnceWithExactly(choices.read, { team: "T0001", user: "U0001" }, deadline);
      const person = { user: "U0001", generation: 2 };
      sinon.assert.calledOnceWithExactly(personal.readCounts, { ...scope, person }, periods, deadline);
      sinon.assert.notCalled(words.readTop);
    });
  }

  it("says that the person has switched their own boards off", async () => {
    const { choices, top } = make();
    choices.read.resolves({ off: true, generation: 2 });
    expect(await top.answer({ limit: 5, window: "ever", here: false, mine: true }, place, deadline)).to.match(
      /`tea` = 3\n.*since `\/words off`/s,
    );
  });

  it("answers a mistake in the question with a sentence, and reads nothing", async () => {
    const { words, top } = make();
    expect(await top.answer({ problem: "Say a number." }, place, deadline)).to.equal("Say a number.");
    sinon.assert.notCalled(words.readTop);
  });
});
