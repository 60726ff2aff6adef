/** Writes files of the project, for the scripts that make them. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Result } from "./command-line";

const root = join(__dirname, "..");

/** Looked up only when needed: operators' commands import this file, and need no formatter. */
const findBiome = (): string => require.resolve("@biomejs/biome/bin/biome");

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

const write = (file: string, text: string, folder = root): void => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
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

/** Formats texts, and sorts their imports, as `npm run format` does. One process for all of them, because its start takes most of the time. */
const formatAll = (texts: Texts): Texts => {
  const folder = mkdtempSync(join(tmpdir(), "slack-fanout-format-"));
  try {
    write("biome.json", readText("biome.json"), folder);
    for (const [file, text] of texts) write(file, text, folder);
    execFileSync(process.execPath, [findBiome(), "check", "--write", ...texts.keys()], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    return new Map([...texts.keys()].map(file => [file, readFileSync(join(folder, file), "utf8")]));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Formats the text of one file, which may be one that `npm run format` ignores. */
const format = (file: string, text: string): string =>
  execFileSync(process.execPath, [findBiome(), "check", "--write", `--stdin-file-path=${file}`], {
    cwd: root,
    input: text,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
  });

export type { Markers, Texts };
export { format, formatAll, placeBetween, readText, root, writeFiles };
