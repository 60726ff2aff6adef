import { expect } from "chai";
import { type SinonFakeTimers, stub, useFakeTimers } from "sinon";
import { createRefresh } from "../../page/refresh";

describe("refresh", () => {
  const afterMs = 100;
  let clock: SinonFakeTimers;
  let failed: Error[];
  const read = stub<[], Promise<void>>();
  const create = () => createRefresh(read, afterMs, error => failed.push(error as Error));

  beforeEach(() => {
    clock = useFakeTimers();
    failed = [];
    read.reset();
    read.resolves();
  });

  afterEach(() => clock.restore());

  it("reads at once the first time, then once per burst of requests", async () => {
    const refresh = create();
    refresh();
    await clock.tickAsync(0);
    expect(read.callCount).to.equal(1);
    for (let index = 0; index < 5; index += 1) refresh();
    await clock.tickAsync(afterMs - 1);
    expect(read.callCount).to.equal(1);
    await clock.tickAsync(1);
    expect(read.callCount).to.equal(2);
    await clock.runAllAsync();
    expect(read.callCount).to.equal(2);
  });

  it("never overlaps reads, so that an older result can't arrive after a newer one", async () => {
    let running = 0;
    let most = 0;
    read.callsFake(async () => {
      most = Math.max(most, ++running);
      await new Promise(resolve => setTimeout(resolve, 10 * afterMs));
      running -= 1;
    });
    const refresh = create();
    refresh();
    await clock.tickAsync(5 * afterMs);
    refresh();
    await clock.runAllAsync();
    expect([most, read.callCount]).to.deep.equal([1, 2]);
  });

  it("pauses for four times the length of the read", async () => {
    read.callsFake(() => new Promise(resolve => setTimeout(resolve, afterMs)));
    const refresh = create();
    refresh();
    await clock.tickAsync(afterMs);
    refresh();
    await clock.tickAsync(4 * afterMs - 1);
    expect(read.callCount).to.equal(1);
    await clock.tickAsync(1);
    expect(read.callCount).to.equal(2);
  });

  it("rests after a read while requests keep coming, and not in a quiet cloud", async () => {
    const refresh = createRefresh(read, afterMs, error => failed.push(error as Error), 5 * afterMs);
    for (let passedMs = 0; passedMs < 9 * afterMs; passedMs += 10) {
      refresh();
      await clock.tickAsync(10);
    }
    expect(read.callCount).to.equal(2);
    await clock.runAllAsync();
    await clock.tickAsync(5 * afterMs);
    refresh();
    await clock.tickAsync(afterMs);
    expect(read.callCount).to.equal(4);
  });

  it("reports an error, and reads again at the next request", async () => {
    read.onFirstCall().rejects(new Error("unreachable"));
    const refresh = create();
    refresh();
    await clock.runAllAsync();
    expect(failed.map(({ message }) => message)).to.deep.equal(["unreachable"]);
    refresh();
    await clock.runAllAsync();
    expect([read.callCount, failed.length]).to.deep.equal([2, 1]);
  });
});
