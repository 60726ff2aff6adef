/** `npm run compatibility`: tries the examples of pulumi/examples on the laptop cloud, and writes `docs/compatibility.md`. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { defineScript, runScript, UsageError } from "./command-line";
import { CALLS, type Example, findExamples, SETTINGS } from "./compatibility/examples";
import { describeVersions, installPackages } from "./compatibility/packages";
import { buildPage, type Results } from "./compatibility/page";
import { type Row, Trial } from "./compatibility/trial";
import { format, readText, writeFiles } from "./write-files";

const RESULTS = "docs/compatibility.json";
const PAGE = "docs/compatibility.md";

/** Tries one example in a folder with installed packages. */
const tryExample = async (checkout: string, folder: string, example: Example): Promise<Row> => {
  const { name } = example;
  const trial = new Trial({ source: join(checkout, name), folder, settings: SETTINGS[name] ?? [], call: CALLS[name] });
  const versions = describeVersions(folder, example);
  return { name, ...(await trial.run()), ...(versions.length === 0 ? {} : { versions }) };
};

/** Rows that were tried now take the place of stored ones. */
const merge = (stored: Row[], tried: Row[]): Row[] => {
  const names = new Set(tried.map(({ name }) => name));
  return [...stored.filter(({ name }) => !names.has(name)), ...tried].sort((a, b) => (a.name < b.name ? -1 : 1));
};

const readCommit = (checkout: string): string => execFileSync("git", ["-C", checkout, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();

const script = defineScript({
  name: "compatibility",
  usage: "CHECKOUT [--only NAME...] [--workspace DIR] [--dry-run] [--json]",
  help: `Tries the programs in CHECKOUT, a checkout of pulumi/examples, on the laptop cloud, and writes docs/compatibility.md. It takes ten minutes.
The programs and their packages are other people's code. They run on this machine, without credentials in their environment.

  --only NAME      tries this program only, and keeps the stored results of the others; repeatable
  --workspace DIR  keeps the installed packages in DIR for the next run
  --dry-run        tries the programs, and writes nothing`,
  options: { only: { type: "string", multiple: true }, workspace: { type: "string" }, "dry-run": { type: "boolean" } },
  maxArguments: 1,
  run: async ({ options, arguments: [checkout], report }) => {
    if (checkout === undefined) throw new UsageError("CHECKOUT is missing; `npm run compatibility -- --help` shows what you can write.");
    const examples = findExamples(resolve(checkout));
    const chosen = examples.filter(({ name }) => options.only?.includes(name) ?? true);
    const workspace = resolve(options.workspace ?? mkdtempSync(join(tmpdir(), "compatibility-")));
    const folder = join(workspace, "program");
    try {
      installPackages(folder, join(workspace, "packages.json"), examples, report);
      const tried: Row[] = [];
      for (const example of chosen) {
        const row = await tryExample(resolve(checkout), folder, example);
        report(`${row.name}: ${row.outcome}. ${row.reason}`);
        tried.push(row);
      }
      const stored = options.only === undefined ? [] : (JSON.parse(readText(RESULTS)) as Results).rows;
      const results: Results = { date: new Date().toISOString().slice(0, 10), commit: readCommit(checkout), rows: merge(stored, tried) };
      const texts = new Map([
        [RESULTS, format(RESULTS, JSON.stringify(results))],
        [PAGE, buildPage(results)],
      ]);
      const { text } = writeFiles(texts, options["dry-run"]);
      return { text, json: results };
    } finally {
      if (options.workspace === undefined) rmSync(workspace, { recursive: true, force: true });
    }
  },
});

if (require.main === module) void runScript(script);

export { merge, PAGE, RESULTS, script };
