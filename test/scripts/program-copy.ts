import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { Checkout } from "../cloud/checkout";

const root = join(__dirname, "../..");

const listFiles = (): string[] =>
  execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter(file => file !== "" && !file.startsWith("docs/images/"));

/** A copy of the whole repository with its tests and scripts, which a test can run. */
class ProgramCopy extends Checkout {
  constructor() {
    // The bundles are a cache, as in `Checkout`.
    super([...listFiles(), "dist/bundles"]);
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
