import { expect } from "chai";
import sinon from "sinon";
import { Clock } from "../../../local/kernel/clock";

describe("clock", () => {
  let timers: sinon.SinonFakeTimers;

  beforeEach(() => {
    timers = sinon.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => timers.restore());

  it("is the machine's, and as far ahead as it was moved in earlier runs", () => {
    expect(new Clock().nowMs()).to.equal(1_000_000);
    expect(new Clock({ offsetMs: 60_000 }).nowMs()).to.equal(1_060_000);
  });

  it("fires what has come due by moving, in order of time", async () => {
    const clock = new Clock();
    const fired: string[] = [];
    clock.after(3_600_000, () => fired.push("an hour"));
    clock.after(60_000, () => fired.push("a minute"));
    clock.after(86_400_000, () => fired.push("a day"));

    clock.advance(3600);
    await timers.tickAsync(0);

    expect(fired).to.deep.equal(["a minute", "an hour"]);
    expect(clock.nextMs()).to.equal(1_000_000 + 86_400_000);
  });

  it("fires by itself too", async () => {
    const fired = sinon.spy();
    new Clock().after(5000, fired);

    await timers.tickAsync(4999);
    expect(fired.called).to.equal(false);
    await timers.tickAsync(1);
    expect(fired.calledOnce).to.equal(true);
  });

  it("does not fire before its time when Node's timer comes early", async () => {
    const clock = new Clock();
    const firedMs: number[] = [];
    clock.after(1000, () => firedMs.push(clock.nowMs()));
    // From now on the machine's clock is a millisecond behind what Node's timers go by.
    timers.setSystemTime(999_999);

    await timers.tickAsync(1000);
    expect(firedMs).to.deep.equal([]);
    await timers.tickAsync(1);
    expect(firedMs).to.deep.equal([1_001_000]);
  });

  it("holds timers that are longer than Node's", async () => {
    const days = 60;
    const fired = sinon.spy();
    new Clock().after(days * 86_400_000, fired);

    await timers.tickAsync(days * 86_400_000 - 1);
    expect(fired.called).to.equal(false);
    await timers.tickAsync(1);
    expect(fired.calledOnce).to.equal(true);
  });

  it("does not fire what was cancelled", async () => {
    const clock = new Clock();
    const fired = sinon.spy();
    clock.after(1000, fired).cancel();

    clock.advance(10);
    await timers.tickAsync(10_000);

    expect(fired.called).to.equal(false);
    expect(clock.nextMs()).to.equal(undefined);
  });

  it("ends a wait when its signal is aborted", async () => {
    const abort = new AbortController();
    const waited = sinon.spy();
    const waiting = new Clock().wait(60_000, abort.signal).then(waited);

    abort.abort();
    await waiting;

    expect(waited.calledOnce).to.equal(true);
  });

  it("tells of each move, and keeps it", () => {
    const kept = sinon.spy();
    const listener = sinon.spy();
    const clock = new Clock({ onAdvance: kept });
    const end = clock.onAdvance(listener);

    clock.advance(60);
    end();
    clock.advance(1);

    expect(kept.args).to.deep.equal([[60_000], [61_000]]);
    expect(listener.args).to.deep.equal([[1_060_000]]);
  });

  for (const seconds of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses to move by ${seconds} seconds`, () => {
      expect(() => new Clock().advance(seconds)).to.throw(RangeError, `advanceSeconds is ${seconds}`);
    });
  }
});
