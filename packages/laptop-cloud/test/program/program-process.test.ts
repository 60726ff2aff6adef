import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
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
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "program-process-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const [end, how, outcome] of [
    ["stop", "it is stopped", { status: 0, signal: null, stdout: "The program's process ended with SIGKILL before it was done." }],
    ["kill", "the laptop is killed", { status: null, signal: "SIGKILL", stdout: "" }],
  ] as const)
    it(`ends the processes that it has started when ${how}, so that they print nothing`, async () => {
      const pid = join(folder, "pid");
      const args = ["-r", register, join(__dirname, "stopped-program.ts"), end, pid];
      // Returns when all of them have closed the standard error.
      const ended = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 30_000 });
      expect(ended).to.include({ ...outcome, stderr: "" });
      await eventually(() => !isAlive(Number(readFileSync(pid, "utf8"))));
    });
});
