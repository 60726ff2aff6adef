import { expect } from "chai";
import { formatDate } from "#core/dibs/time";

const NOW_MS = Date.UTC(2025, 10, 22, 10, 0);

describe("dibs-time", () => {
  it("shows a time of the next hours as a time", () => {
    expect(formatDate(NOW_MS + 3_600_000, NOW_MS)).to.equal("<!date^1763809200^{time}|11:00 UTC>");
  });

  it("shows the day of a time further away, past or future", () => {
    for (const days of [-1, 1]) {
      const shown = formatDate(NOW_MS + days * 86_400_000, NOW_MS);
      expect(shown)
        .to.include("^{date_short_pretty} at {time}|")
        .and.to.include(`Nov ${22 + days}, 10:00 UTC>`);
    }
  });

  it("falls back to the reader's time zone", () => {
    expect(formatDate(NOW_MS, NOW_MS, "Asia/Tokyo")).to.equal("<!date^1763805600^{time}|19:00 Asia/Tokyo>");
  });
});
