import { expect } from "chai";
import sinon from "sinon";
import { createLog } from "#core/log";
import { Digest } from "#functions/digest";
import { BoardsTable } from "#stores/message/boards-table";
import { NoticesTopic } from "#stores/notice/topic";

describe("digest", () => {
  let boards: sinon.SinonStubbedInstance<BoardsTable>;
  let notices: sinon.SinonStubbedInstance<NoticesTopic>;
  beforeEach(() => {
    boards = sinon.createStubInstance(BoardsTable);
    boards.readTopSums.callsFake(async (_boards, kind) => (kind === "word" ? [["tea", 3]] : []));
    notices = sinon.createStubInstance(NoticesTopic);
    sinon.stub(console, "log");
  });
  afterEach(() => sinon.restore());

  const run = (...time: [number, number, number, number?, number?]) =>
    new Digest(boards, notices, { team: "T0001", channel: "C0002" }, createLog("test", {})).handle(Date.UTC(...time));

  // 2025-11-24 is a Monday.
  const times: [string, [number, number, number, number?, number?]][] = [
    ["on Monday at 09:00", [2025, 10, 24, 9]],
    ["on Monday at 00:00", [2025, 10, 24]],
    ["late, on Sunday", [2025, 10, 30, 23, 59]],
  ];
  for (const [when, time] of times) {
    it(`publishes the public words of the week before the latest Monday: ${when}`, async () => {
      await run(...time);
      const [days, kind, limit] = boards.readTopSums.firstCall.args;
      expect([kind, limit]).to.deep.equal(["word", 10]);
      expect(days.map(({ period }) => period).join()).to.equal(
        "2025-11-23,2025-11-22,2025-11-21,2025-11-20,2025-11-19,2025-11-18,2025-11-17",
      );
      for (const day of days) expect(day).to.have.all.keys("team", "period");
      sinon.assert.calledOnceWithExactly(notices.publish, {
        id: "digest-2025-11-24",
        outcome: "success",
        title: "Most frequent from 2025-11-17 to 2025-11-23",
        text: "*Words*\n1. `tea` = 3",
        team: "T0001",
        channel: "C0002",
      });
    });
  }

  it("publishes nothing if nothing was said", async () => {
    boards.readTopSums.resolves([]);
    await run(2025, 10, 24, 9);
    sinon.assert.notCalled(notices.publish);
  });
});
