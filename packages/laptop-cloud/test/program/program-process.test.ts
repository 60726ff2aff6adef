import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";

const register = join(__dirname, "../../register.cjs");

describe("process of the program", () => {
  it("takes the processes that it has started along when it is stopped, so that they print nothing", () => {
    const { status, stderr } = spawnSync(process.execPath, ["-r", register, join(__dirname, "stopped-program.ts")], { encoding: "utf8" });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
  });
});
