import { expect } from "chai";
import sinon from "sinon";
import { Clock } from "../../src/kernel/clock";

describe("clock", () => {
  let timers: sinon.SinonFakeTimers;

  beforeEach(() => {
    timers = sinon.useFakeTimers({ now: 1_000_000 });
  });
  afterEach(() => timers.restore());

  it("shows the machine's time plus the offset of earlier runs", () => {
    expect(new Clock().nowMs()).to.equal(1_000_000);
    expect(new Clock({ offsetMs: 60_000 }).nowMs()).to.equal(1_060_000);
  });

  it("goes back to the machine's time: delays keep what is left of them, and timers fire when their time comes again", async () => {
    const clock = new Clock({ offsetMs: 7_200_000 });
    const fired: string[] = [];
    clock.after(60_000, () => fired.push("a minute"));
    clock.after(600_000, () => fired.push("ten minutes"));
    clock.at(clock.nowMs() + 600_000, () => fired.push("at ten past"));
    clock.advance(60);
    await timers.tickAsync(0);
    const moves: number[] = [];
    clock.onMove(nowMs => moves.push(nowMs));

    await clock.goBack();

    expect([clock.nowMs(), clock.offsetMs, moves]).to.deep.equal([1_000_000, 0, [1_000_000]]);
    expect(fired).to.deep.equal(["a minute"]);
    clock.advance(540);
    await timers.tickAsync(0);
    expect(fired).to.deep.equal(["a minute", "ten minutes"]);
    clock.advance(7200 + 59);
    await timers.tickAsync(0);
    expect(fired).to.deep.equal(["a minute", "ten minutes"]);
    clock.advance(1);
    await timers.tickAsync(0);
    expect(fired).to.deep.equal(["a minute", "ten minutes", "at ten past"]);
  });

  it("fires the timers that a move makes due, in order of time", async () => {
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

  it("fires timers without being moved", async () => {
    const fired = sinon.spy();
    new Clock().after(5000, fired);

    await timers.tickAsync(4999);
    expect(fired.called).to.equal(false);
    await timers.tickAsync(1);
    expect(fired.calledOnce).to.equal(true);
  });

  it("never fires early, even if Node's timer does", async () => {
    const clock = new Clock();
    const firedMs: number[] = [];
    clock.after(1000, () => firedMs.push(clock.nowMs()));
    // From now on the machine's clock is a millisecond behind the clock of Node's timers.
    timers.setSystemTime(999_999);

    await timers.tickAsync(1000);
    expect(firedMs).to.deep.equal([]);
    await timers.tickAsync(1);
    expect(firedMs).to.deep.equal([1_001_000]);
  });

  it("accepts longer delays than Node's timers do", async () => {
    const days = 60;
    const fired = sinon.spy();
    new Clock().after(days * 86_400_000, fired);

    await timers.tickAsync(days * 86_400_000 - 1);
    expect(fired.called).to.equal(false);
    await timers.tickAsync(1);
    expect(fired.calledOnce).to.equal(true);
  });

  it("does not fire a cancelled timer", async () => {
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

  it("reports each move to its listeners, and stores it", () => {
    const kept = sinon.spy();
    const listener = sinon.spy();
    const clock = new Clock({ onMove: kept });
    const end = clock.onMove(listener);

    clock.advance(60);
    end();
    clock.advance(1);

    expect(kept.args).to.deep.equal([[60_000], [61_000]]);
    expect(listener.args).to.deep.equal([[1_060_000, 60_000]]);
  });

  describe("advanceInSteps", () => {
    /** A follower, with the times at which it settled, in seconds after the start. */
    const follow = (clock: Clock, dueMs: () => number, isAtWork = true) => {
      const seen: number[] = [];
      const settle = async () => {
        seen.push((clock.nowMs() - 1_000_000) / 1000);
        return dueMs();
      };
      return { seen, end: clock.keepPace({ isAtWork, settle }) };
    };

    it("takes steps of at most half a minute, and waits for its followers after each", async () => {
      const clock = new Clock();
      const { seen, end } = follow(clock, () => clock.nowMs() + 5000);
      await clock.advanceInSteps(75);
      expect(seen).to.deep.equal([0, 30, 60, 75]);
      end();
      await clock.advanceInSteps(75);
      expect(seen).to.have.length(4);
      expect(clock.nowMs()).to.equal(1_150_000);
    });

    it("takes a longer step up to the next due time", async () => {
      const clock = new Clock();
      const { seen } = follow(clock, () => (clock.nowMs() < 1_600_000 ? 1_600_000 : Number.POSITIVE_INFINITY));
      await clock.advanceInSteps(3600);
      expect(seen).to.deep.equal([0, 600, 3600]);
    });

    it("takes one step if no follower is at work", async () => {
      const clock = new Clock();
      const listener = sinon.spy();
      clock.onMove(listener);
      const { seen } = follow(clock, () => clock.nowMs(), false);
      await clock.advanceInSteps(3600);
      expect(listener.args).to.deep.equal([[4_600_000, 3_600_000]]);
      expect(seen).to.deep.equal([]);
    });

    it("waits for held work, and for work that this work starts", async () => {
      const clock = new Clock();
      let end = () => {};
      const more = () => clock.hold(new Promise<void>(resolve => (end = resolve)));
      void more();
      const advancing = clock.advanceInSteps(3600);
      end();
      void more();
      await Promise.resolve();
      expect(clock.nowMs()).to.equal(1_000_000);
      end();
      await advancing;
      expect(clock.nowMs()).to.equal(4_600_000);
    });

    it("ends a step at the time of each stop", async () => {
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
      await clock.advanceInSteps(3600);
      expect(fired).to.deep.equal([1, 3, 60]);
      clock.stop();
    });

    it("makes moves one after another", async () => {
      const clock = new Clock();
      const { seen } = follow(clock, () => clock.nowMs());
      await Promise.all([clock.advanceInSteps(40), clock.advanceInSteps(40)]);
      expect(seen).to.deep.equal([0, 30, 40, 40, 70, 80]);
    });

    it("ends early when the cloud stops", async () => {
      const clock = new Clock();
      const { seen } = follow(clock, () => {
        if (clock.nowMs() > 1_000_000) clock.halt();
        return clock.nowMs();
      });
      await clock.advanceInSteps(75);
      expect(seen).to.deep.equal([0, 30]);
      expect(clock.nowMs()).to.equal(1_030_000);
    });

    it("refuses a negative number of seconds", async () => {
      const refusal = await new Clock().advanceInSteps(-1).then(
        () => "advanced",
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
