import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { eventually } from "../../src/testing";

const register = join(__dirname, "../../register.cjs");

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("process of the program", () => {
  for (const [end, how] of [
    ["stop", "it is stopped"],
    ["kill", "the laptop is killed"],
  ] as const)
    it(`ends the processes that it has started when ${how}, so that they print nothing`, async () => {
      const args = ["-r", register, join(__dirname, "stopped-program.ts"), end];
      // Returns when all of them have closed the standard error.
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 30_000 });
      expect(stdout).to.match(/^\d+$/);
      expect(stderr).to.equal("");
      await eventually(() => !isAlive(Number(stdout)));
    });
});
