import { expect } from "chai";
import { type SinonFakeTimers, useFakeTimers } from "sinon";
import { WaitingCallers } from "../../../src/services/lambda/waiting-callers";

describe("lambda waiting callers", () => {
  let clock: SinonFakeTimers;
  let callers: WaitingCallers;
  let hasPassed: boolean;
  /** How long an event waits, up to a limit, while `happen` is called 20 times a second. */
  const waitOfEvent = async (limitMs: number, happen: (ms: number) => void) => {
    hasPassed = false;
    void callers.letPass().then(() => {
      hasPassed = true;
    });
    for (let ms = 0; ms < limitMs; ms += 50) {
      if (hasPassed) return ms;
      happen(ms);
      await clock.tickAsync(50);
    }
    return limitMs;
  };
  beforeEach(() => {
    clock = useFakeTimers();
    callers = new WaitingCallers();
  });
  afterEach(() => clock.restore());

  it("do not hold an event up if there are none", async () => {
    expect(await waitOfEvent(1000, () => {})).to.be.at.most(50);
  });

  it("go before an event, until the last one gets its turn", async () => {
    for (let count = 0; count < 20; count++) callers.add();
    expect(
      await waitOfEvent(5000, ms => {
        if (ms < 1000) callers.remove();
      }),
    ).to.be.within(950, 1100);
  });

  it("hold no event up while none of them gets its turn", async () => {
    callers.add();
    expect(await waitOfEvent(5000, () => {})).to.be.within(500, 600);
  });

  it("hold no event up forever", async () => {
    callers.add();
    expect(
      await waitOfEvent(20_000, () => {
        callers.add();
        callers.remove();
      }),
    ).to.be.within(10_000, 10_100);
  });
});
