import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Checkout } from "../cloud/checkout";

const root = join(__dirname, "../..");

/** Always the same for this checkout, because the cache of transpiled files contains their paths. Only one test uses it. */
const DIRECTORY = join(tmpdir(), `slack-fanout-copy-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`);

const listFiles = (): string[] =>
  execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter(file => file !== "" && !file.startsWith("docs/images/"));

const makeEmpty = (directory: string): string => {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  return directory;
};

/** A copy of the whole repository with its tests and scripts, which a test can run. */
class ProgramCopy extends Checkout {
  constructor() {
    super(listFiles(), makeEmpty(DIRECTORY));
  }

  /** Runs a program of an installed package, or a script of the copy. */
  run(file: string, ...args: string[]) {
    const isScript = file.startsWith("scripts/");
    const loader = isScript ? ["-C", "slack-fanout-source", "-r", "./bin/load-typescript.cjs", file] : [join("node_modules", file)];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...loader, ...args], {
      cwd: this.directory,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    return { status, stdout, stderr };
  }
}

export { ProgramCopy };
