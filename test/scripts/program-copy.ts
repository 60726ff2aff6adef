import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../..");

/**
 * A temporary copy of the program, which one test at a time may change. It shares the installed packages. Its place is always the same, because
 * the cache of transpiled files contains their paths.
 */
class ProgramCopy {
  readonly folder = join(root, "dist", "copy");

  constructor() {
    this.remove();
    const files = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" }).split("\0");
    for (const file of files.filter(name => name !== "" && !name.startsWith("docs/images/")))
      cpSync(join(root, file), join(this.folder, file), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  write(file: string, text: string) {
    writeFileSync(join(this.folder, file), text);
  }

  /** Runs a program of an installed package, or a script of the copy. */
  run(file: string, ...args: string[]) {
    const isScript = file.startsWith("scripts/");
    const loader = isScript ? ["-C", "slack-fanout-source", "-r", "./bin/load-typescript.cjs", file] : [join("node_modules", file)];
    const { status, stdout, stderr } = spawnSync(process.execPath, [...loader, ...args], {
      cwd: this.folder,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    return { status, stdout, stderr };
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export { ProgramCopy };
