import { setImmediate as nextTurn } from "node:timers/promises";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { chunk } from "#core/chunks";
import { Deadline } from "#core/deadline";
import { runSideBySide } from "#core/side-by-side";

describe("side-by-side", () => {
  it("works on every item once, and limits how many run at a time", async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await runSideBySide([1, 2, 3, 4, 5, 6, 7], 3, async item => {
      running += 1;
      most = Math.max(most, running);
      await nextTurn();
      running -= 1;
      done.push(item);
    });
    expect(done).to.have.members([1, 2, 3, 4, 5, 6, 7]).and.to.have.length(7);
    expect(most).to.equal(3);
  });

  it("finishes the other items before it throws", async () => {
    const done: number[] = [];
    const failure = new Error("two");
    const error = await rejectionOf(
      runSideBySide([1, 2, 3], 1, async item => {
        if (item === 2) throw failure;
        done.push(item);
      }),
    );
    expect(error).to.equal(failure);
    expect(done).to.deep.equal([1, 3]);
  });

  it("throws several errors together", async () => {
    const error = await rejectionOf(runSideBySide([1, 2], 2, async item => Promise.reject(new Error(String(item)))));
    expect(error).to.be.instanceOf(AggregateError).with.property("errors").with.length(2);
  });

  it("does nothing for an empty list", async () => {
    await runSideBySide([], 3, () => Promise.reject(new Error("called")));
  });
});

describe("chunks", () => {
  const items = Array.from({ length: 10 }, (_, index) => index);
  const rows: [length: number, size: number, firstSize: number, sizes: number[]][] = [
    [0, 4, 3, [0]],
    [3, 4, 3, [3]],
    [4, 4, 3, [3, 1]],
    [10, 4, 3, [3, 4, 3]],
  ];
  for (const [length, size, firstSize, sizes] of rows) {
    it(`cuts ${length} items into ${sizes}`, () => {
      const chunks = chunk(items.slice(0, length), size, firstSize);
      expect(chunks.map(each => each.length)).to.deep.equal(sizes);
      expect(chunks.flat()).to.deep.equal(items.slice(0, length));
    });
  }
});

describe("deadline", () => {
  it("counts down to zero by its own clock", () => {
    let nowMs = 1000;
    const deadline = new Deadline(2500, () => nowMs);
    expect(deadline.leftMs).to.equal(2500);
    nowMs = 3000;
    expect(deadline.leftMs).to.equal(500);
    nowMs = 9000;
    expect(deadline.leftMs).to.equal(0);
  });

  it("aborts early enough to leave the reserve", async () => {
    const signal = new Deadline(100, () => 0).signal(100);
    await new Promise(resolve => signal.addEventListener("abort", resolve, { once: true }));
    expect(signal.aborted).to.equal(true);
  });
});
