import { expect } from "chai";
import sinon from "sinon";
import { Clock } from "../../src/kernel/clock";

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

  describe("walk", () => {
    /** Somebody who keeps pace, with the times at which it had kept up, in seconds after the start. */
    const follow = (clock: Clock, dueMs: () => number, isAtWork = true) => {
      const seen: number[] = [];
      const settle = async () => {
        seen.push((clock.nowMs() - 1_000_000) / 1000);
        return dueMs();
      };
      return { seen, end: clock.keepPace({ isAtWork, settle }) };
    };

    it("goes in steps of half a minute at most, each waiting for who keeps pace", async () => {
      const clock = new Clock();
      const { seen, end } = follow(clock, () => clock.nowMs() + 5000);
      await clock.walk(75);
      expect(seen).to.deep.equal([0, 30, 60, 75]);
      end();
      await clock.walk(75);
      expect(seen).to.have.length(4);
      expect(clock.nowMs()).to.equal(1_150_000);
    });

    it("goes as far as nothing is due", async () => {
      const clock = new Clock();
      const { seen } = follow(clock, () => (clock.nowMs() < 1_600_000 ? 1_600_000 : Number.POSITIVE_INFINITY));
      await clock.walk(3600);
      expect(seen).to.deep.equal([0, 600, 3600]);
    });

    it("goes in one step where who keeps pace is not at work", async () => {
      const clock = new Clock();
      const listener = sinon.spy();
      clock.onAdvance(listener);
      const { seen } = follow(clock, () => clock.nowMs(), false);
      await clock.walk(3600);
      expect(listener.args).to.deep.equal([[4_600_000]]);
      expect(seen).to.deep.equal([]);
    });

    it("waits for work that holds it, and for what it brings about", async () => {
      const clock = new Clock();
      let end = () => {};
      const more = () => clock.hold(new Promise<void>(resolve => (end = resolve)));
      more();
      const walk = clock.walk(3600);
      end();
      more();
      await Promise.resolve();
      expect(clock.nowMs()).to.equal(1_000_000);
      end();
      await walk;
      expect(clock.nowMs()).to.equal(4_600_000);
    });

    it("stops where a timer asks for it", async () => {
      sinon.restore();
      const clock = new Clock();
      const startMs = clock.nowMs();
      const fired: number[] = [];
      const note = () => fired.push(Math.round((clock.nowMs() - startMs) / 60_000));
      clock.stopAt(startMs + 60_000, () => {
        note();
        clock.stopAt(startMs + 180_000, note);
      });
      clock.at(startMs + 600_000, note);
      await clock.walk(3600);
      expect(fired).to.deep.equal([1, 3, 60]);
      clock.stop();
    });

    it("makes one walk after another", async () => {
      const clock = new Clock();
      const { seen } = follow(clock, () => clock.nowMs());
      await Promise.all([clock.walk(40), clock.walk(40)]);
      expect(seen).to.deep.equal([0, 30, 40, 40, 70, 80]);
    });

    it("ends where it is when the cloud stops", async () => {
      const clock = new Clock();
      const { seen } = follow(clock, () => {
        if (clock.nowMs() > 1_000_000) clock.halt();
        return clock.nowMs();
      });
      await clock.walk(75);
      expect(seen).to.deep.equal([0, 30]);
      expect(clock.nowMs()).to.equal(1_030_000);
    });

    it("refuses what is no number of seconds", async () => {
      const refusal = await new Clock().walk(-1).then(
        () => "walked",
        (error: Error) => error.name,
      );
      expect(refusal).to.equal("RangeError");
    });
  });

  for (const seconds of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses to move by ${seconds} seconds`, () => {
      expect(() => new Clock().advance(seconds)).to.throw(RangeError, `advanceSeconds is ${seconds}`);
    });
  }
});
