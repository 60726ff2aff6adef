import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { WordsTable } from "#stores/message/words-table";
import { FakeProcess, type Kill } from "../functions/fake-cloud";
import { ARCHIVE_DAYS, createWorld, NOW_MS } from "./world";

const ID = "T0001-C0001-1763805600.000200-webhook";

describe("add-once", () => {
  let world: ReturnType<typeof createWorld>;
  beforeEach(() => {
    world = createWorld();
  });

  const add = (count: number, kill?: Kill, subscriber = "multiplier") => {
    const words = new WordsTable(new FakeProcess(world.cloud).client, "words");
    const additions = Array.from({ length: count }, (_, index) => words.buildAddition({ team: "T0001" }, [`w${index}`, index + 1]));
    return world.createAddOnce(subscriber, kill).add(ID, additions);
  };
  const exactly = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`w${index}`, index + 1]));

  it("adds once, however often the message comes, also at once", async () => {
    await Promise.all([add(2), add(2), add(2)]);
    await add(2);
    expect(world.cloud.counts("words")).to.deep.equal(exactly(2));
  });

  it("marks each message for as long as it can be replayed", async () => {
    await add(1);
    expect(world.cloud.items("seen")[0]).to.deep.include({
      event_id: { S: `${ID}#multiplier` },
      expires_at: { N: String(NOW_MS / 1000 + ARCHIVE_DAYS * 86_400) },
    });
  });

  it("marks each chunk of 99 additions", async () => {
    await add(200);
    expect(world.markers()).to.have.members([`${ID}#multiplier`, `${ID}#multiplier#1`, `${ID}#multiplier#2`]);
    expect(world.cloud.counts("words")).to.deep.equal(exactly(200));
  });

  it("writes no marker if there is nothing to add", async () => {
    await add(0);
    expect(world.markers()).to.deep.equal([]);
  });

  it("adds separately for each subscriber", async () => {
    await add(1);
    await add(1, undefined, "leaderboard");
    expect(world.markers()).to.deep.equal([`${ID}#multiplier`, `${ID}#leaderboard`]);
    expect(world.cloud.counts("words")).to.deep.equal({ w0: 2 });
  });

  for (const call of [1, 2, 3]) {
    for (const when of ["before", "after"] as const) {
      it(`is exact after it was killed ${when} call ${call} of 3 and retried`, async () => {
        await rejectionOf(add(200, { call, when }));
        await add(200);
        expect(world.cloud.counts("words")).to.deep.equal(exactly(200));
      });
    }
  }
});
