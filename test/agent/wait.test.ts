import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { waitUntil } from "../../agent/wait";

const HOUR_MS = 3_600_000;

describe("wait", () => {
  let nowMs: number;
  beforeEach(() => {
    nowMs = 0;
  });
  const never = new AbortController().signal;

  it("ends at once if the time has come", async () => {
    await waitUntil(0, never, () => nowMs);
  });

  it("ends when the clock jumps beyond the time", async () => {
    const waiting = waitUntil(HOUR_MS, never, () => nowMs);
    nowMs = HOUR_MS;
    await waiting;
  });

  it("checks the clock repeatedly until the time has come", async () => {
    let looks = 0;
    await waitUntil(1, never, () => (++looks < 3 ? 0 : 1));
    expect(looks).to.equal(3);
  });

  it("throws the signal's reason, before and while it waits", async () => {
    const reason = new Error("asked to stop");
    expect(await rejectionOf(waitUntil(HOUR_MS, AbortSignal.abort(reason), () => nowMs))).to.equal(reason);
    const aborter = new AbortController();
    const waiting = rejectionOf(waitUntil(HOUR_MS, aborter.signal, () => nowMs));
    aborter.abort(reason);
    expect(await waiting).to.equal(reason);
  });
});
