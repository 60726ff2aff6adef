import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import { Deadline } from "#core/deadline";
import { ToolRefused } from "#core/errors";
import { WordsTool } from "#functions/gateway/words-tool";
import { BoardsTable } from "#stores/message/boards-table";
import { WordsTable } from "#stores/message/words-table";

describe("words tool", () => {
  const nobody = { task: undefined, partition: "gateway", key: "k" };
  const caller = { ...nobody, task: { team: "T0002", channel: "G0001" } as Task };
  const deadline = new Deadline(5000);
  let words: sinon.SinonStubbedInstance<WordsTable>;
  let boards: sinon.SinonStubbedInstance<BoardsTable>;
  let tool: WordsTool;
  beforeEach(() => {
    words = sinon.createStubInstance(WordsTable);
    boards = sinon.createStubInstance(BoardsTable);
    tool = new WordsTool(words, boards, "T0001");
  });

  it("reads ten words of all time by default, in order", async () => {
    words.readTop.resolves([
      ["tea", 3],
      ["milk", 2],
    ]);
    expect(await tool.read({}, nobody, deadline)).to.deep.equal({
      words: [
        { word: "tea", count: 3 },
        { word: "milk", count: 2 },
      ],
    });
    sinon.assert.calledOnceWithExactly(words.readTop, { team: "T0001" }, "word", 10, deadline);
    sinon.assert.notCalled(boards.readTop);
  });

  it("reads the board of the requested day and kind", async () => {
    boards.readTop.resolves([["#lunch", 1]]);
    expect(await tool.read({ limit: 3, kind: "annotation", day: "2026-11-22" }, caller, deadline)).to.deep.equal({
      words: [{ word: "#lunch", count: 1 }],
    });
    sinon.assert.calledOnceWithExactly(boards.readTop, { team: "T0002", period: "2026-11-22" }, "annotation", 3, deadline);
    sinon.assert.notCalled(words.readTop);
  });

  it("refuses a call if neither a task nor the configuration names the team", async () => {
    const error = await rejectionOf(new WordsTool(words, boards, "").read({}, nobody, deadline));
    expect(error).to.be.instanceOf(ToolRefused).with.property("message").that.includes("slackTeamId");
    sinon.assert.notCalled(words.readTop);
  });
});
