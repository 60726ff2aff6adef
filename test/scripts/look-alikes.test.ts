import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { LOOK_ALIKES } from "#core/dibs/look-alikes";
import { buildModule } from "../../scripts/look-alikes";

describe("look-alikes", () => {
  it("match the script's output", () => {
    const [, written = ""] = /LOOK_ALIKES[^{]*\{\n([^}]*)\}/.exec(buildModule()) ?? [];
    expect(
      Object.entries(LOOK_ALIKES)
        .map(([latin, points]) => `  ${latin}: "${points}",\n`)
        .join(""),
    ).to.equal(written);
    expect(readFileSync(join(__dirname, "../../core/dibs/look-alikes.ts"), "utf8")).to.match(/^[\x20-\x7e\n]*$/);
  });
});
