import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import { ForgottenSweep } from "#functions/forgotten-sweep";
import { ForgottenBoards } from "#stores/message/forgotten-boards";

const NOW_MS = 1_763_805_600_500;
const TOMORROW_SECONDS = 1_763_805_600 + 86_400;

describe("forgotten-sweep", () => {
  const [ann, ben] = ["U0001", "U0002"].map(user => ({ team: "T0001", user, generation: 1 }));
  let boards: sinon.SinonStubbedInstance<ForgottenBoards>;
  let rows: Record<string, number>;
  beforeEach(() => {
    rows = { U0001: 1200, U0002: 1 };
    boards = sinon.createStubInstance(ForgottenBoards);
    boards.listDue.resolves([ann!, ben!]);
    boards.listRows.callsFake(async function* ({ user }) {
      for (let row = 0; row < rows[user]!; row += 1) yield { board: `@${user}`, token: `w${row}` };
    });
    sinon.stub(console, "log");
  });
  afterEach(() => sinon.restore());

  const run = (deadline = new Deadline(50_000)) => new ForgottenSweep(boards, createLog("test", {}), () => NOW_MS).handle(deadline);
  const postponed = () => boards.postpone.args.map(([person, dueSeconds]) => [person, dueSeconds]);

  it("deletes every row once, and looks again a day later", async () => {
    await run();
    sinon.assert.calledOnceWithExactly(boards.listDue, 1_763_805_600);
    expect(new Set(boards.delete.args.map(([{ board, token }]) => `${board} ${token}`))).to.have.property("size", 1201);
    sinon.assert.callCount(boards.delete, 1201);
    expect(postponed()).to.have.deep.members([
      [ann, TOMORROW_SECONDS],
      [ben, TOMORROW_SECONDS],
    ]);
  });

  it("leaves the rest to the next run if little time is left", async () => {
    // Each look at the clock takes 100 ms, so that some 400 looks are left before the last ten seconds.
    let elapsedMs = 0;
    boards.listDue.resolves([ann!, ben!, { ...ben!, user: "U0003" }]);
    rows = { U0001: 1200, U0002: 1200, U0003: 1 };
    await run(
      new Deadline(50_000, () => {
        elapsedMs += 100;
        return elapsedMs;
      }),
    );
    expect(boards.delete.callCount).to.be.within(300, 400);
    expect(boards.listRows.args.map(([{ user }]) => user)).to.deep.equal(["U0001", "U0002"]);
    expect(postponed()).to.deep.equal([]);
  });

  it("lets teams take turns", async () => {
    const crowd = ["U0003", "U0004", "U0005"].map(user => ({ team: "T0002", user, generation: 1 }));
    boards.listDue.resolves([...crowd, ann!]);
    await run();
    expect(boards.listRows.args.map(([{ user }]) => user).slice(0, 2)).to.deep.equal(["U0003", "U0001"]);
  });

  it("goes on with the others when a deletion fails, and then throws", async () => {
    const failure = new Error("down");
    boards.delete.withArgs({ board: "@U0002", token: "w0" }).rejects(failure);
    expect(await rejectionOf(run())).to.equal(failure);
    expect(postponed()).to.deep.equal([[ann, TOMORROW_SECONDS]]);
  });
});
