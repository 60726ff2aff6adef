import { expect } from "chai";
import { type SinonFakeTimers, stub, useFakeTimers } from "sinon";
import { Deadline } from "#core/deadline";

describe("deadline", () => {
  let clock: SinonFakeTimers;
  beforeEach(() => {
    clock = useFakeTimers();
  });
  afterEach(() => clock.restore());

  it("counts down to zero", () => {
    const deadline = new Deadline(2500);
    expect(deadline.leftMs).to.equal(2500);
    clock.tick(1000);
    expect(deadline.leftMs).to.equal(1500);
    clock.tick(5000);
    expect(deadline.leftMs).to.equal(0);
  });

  it("ignores changes of the wall clock", () => {
    const deadline = new Deadline(2500);
    clock.setSystemTime(Date.now() + 3_600_000);
    expect(deadline.leftMs).to.equal(2500);
  });

  it("lets any number of calls listen at once without a warning", () => {
    const warn = stub(process, "emitWarning");
    const signal = new Deadline(2500).signal();
    for (let call = 0; call < 20; call += 1) signal.addEventListener("abort", () => {});
    warn.restore();

    expect(warn.callCount).to.equal(0);
  });

  it("has one signal for all calls that end at the same time", () => {
    const deadline = new Deadline(2500);
    expect(deadline.signal()).to.equal(deadline.signal(0)).and.not.equal(deadline.signal(300));
  });

  it("ends the signals of work that is done", async () => {
    const deadline = new Deadline(100);
    const signals = [deadline.signal(), deadline.signal(50)];
    deadline.end();
    await clock.tickAsync(200);
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false, false]);
  });

  it("aborts calls at once when only the reserve is left", async () => {
    let nowMs = 0;
    const deadline = new Deadline(100, () => nowMs);
    nowMs = 100;
    clock.restore();
    for (const signal of [deadline.signal(), new Deadline(300, () => nowMs).signal(300)]) {
      if (!signal.aborted) await new Promise(resolve => signal.addEventListener("abort", resolve));
      expect(signal.reason).to.have.property("name", "TimeoutError");
    }
  });
});
