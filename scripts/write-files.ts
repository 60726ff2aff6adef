/** Writes files of the project, for the scripts that make them. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Result } from "./command-line";

const root = join(__dirname, "..");

/** Texts by path, relative to the project's folder. */
type Texts = ReadonlyMap<string, string>;

const readText = (file: string): string => readFileSync(join(root, file), "utf8");

/** Writes the files that differ, unless this is a dry run. Tells which. */
const writeFiles = (texts: Texts, isDryRun = false): Result => {
  const written = [...texts].filter(([file, text]) => !existsSync(join(root, file)) || readText(file) !== text).map(([file]) => file);
  if (!isDryRun) for (const file of written) write(file, texts.get(file)!);
  const text =
    written.map(file => `${isDryRun ? "would write" : "wrote"} ${file}`).join("\n") || "Nothing to write: all files are up to date.";
  return { text, json: { dryRun: isDryRun, files: written } };
};

const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
};

interface Markers {
  begin: string;
  end: string;
}

/** Puts a made text between the markers of a page. Throws if they are missing. */
const placeBetween = ({ begin, end }: Markers, page: string, made: string): string => {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`The page lacks ${begin} and ${end}.`);
  return `${page.slice(0, from + begin.length)}\n\n${made}\n\n${page.slice(to)}`;
};

/** Formats the text of a file, and sorts its imports, as `npm run format` does. */
const format = (file: string, text: string): string =>
  execFileSync(process.execPath, [require.resolve("@biomejs/biome/bin/biome"), "check", "--write", `--stdin-file-path=${file}`], {
    cwd: root,
    input: text,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
  });

export type { Markers, Texts };
export { format, placeBetween, readText, root, writeFiles };
