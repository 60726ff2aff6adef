import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = join(__dirname, "../..");

/** What `npm start` needs of a checkout, and what makes it quick. */
const COPIED = [
  ..."index.ts laptop.ts package.json package-lock.json tsconfig.json Pulumi.yaml Pulumi.dev.yaml Pulumi.local.yaml".split(" "),
  ..."agent bin components core functions packages/dibs-cli panels stores subscribers".split(" "),
  // The cache: building all modules again would take longer than the rest of a start.
  "dist/bundles",
];

/** A copy of this repository, whose files can be edited. */
class Checkout {
  readonly directory = mkdtempSync(join(tmpdir(), "slack-fanout-checkout-"));

  constructor(names = COPIED) {
    // Git lists a deleted file until the next commit.
    for (const name of names.filter(each => existsSync(join(root, each)))) cpSync(join(root, name), this.path(name), { recursive: true });
    symlinkSync(join(root, "node_modules"), this.path("node_modules"));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  read(file: string): string {
    return readFileSync(this.path(file), "utf8");
  }

  /** Replaces the file at once, so that nothing reads half of it. */
  write(file: string, text: string) {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(".written"), text);
    renameSync(this.path(".written"), this.path(file));
  }

  delete(file: string) {
    rmSync(this.path(file));
  }

  /** The number of the first line that contains this text, from 1. */
  lineOf(file: string, text: string): number {
    return (
      this.read(file)
        .split("\n")
        .findIndex(line => line.includes(text)) + 1
    );
  }

  /** Throws if the file does not contain `from`. */
  edit(file: string, from: string, to: string) {
    const text = this.read(file);
    if (!text.includes(from)) throw new Error(`${file} does not contain ${JSON.stringify(from)}.`);
    this.write(file, text.replace(from, to));
  }

  remove() {
    rmSync(this.directory, { recursive: true });
  }
}

export { Checkout };
