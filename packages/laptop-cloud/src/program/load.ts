import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";

/** TypeScript compiles `import()` to `require()`, which can't load every ECMAScript module. */
const importModule = new Function("url", "return import(url)") as (url: string) => Promise<Record<string, unknown>>;

/** The files that stand for a folder, in Pulumi's order. */
const INDEX_FILES = ["index.js", "index.mjs", "index.ts", "index.mts"];

/**
 * Loads a program as Pulumi's own host does: the entry point is `main` of Pulumi.yaml, or else that of package.json; relative paths start from
 * its folder; an exported function is called, and its result is what the program exports.
 */
const loadProgram = async (folder: string): Promise<object> => {
  const entry = join(folder, readMain(folder));
  process.chdir(findHome(folder));
  const exported = isModule(folder) ? await importEntry(entry) : (require(entry) as unknown);
  const result: unknown = typeof exported === "function" ? await exported() : exported;
  return typeof result === "object" && result !== null ? result : {};
};

/** The folder from which the program's relative paths start, also if the program changes its working directory. */
const findHome = (folder: string): string => {
  const entry = join(folder, readMain(folder));
  return statSync(entry).isDirectory() ? entry : dirname(entry);
};

const readMain = (folder: string): string => {
  const { main } = parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8")) as { main?: unknown };
  if (main === undefined) return ".";
  if (typeof main !== "string" || !existsSync(join(folder, main)))
    throw new Error(`main in ${join(folder, "Pulumi.yaml")} is ${JSON.stringify(main)}: want a file or folder below it.`);
  return main;
};

const isModule = (folder: string): boolean => {
  const file = join(folder, "package.json");
  return existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { type?: unknown }).type === "module";
};

/** A default export takes the place of the others. */
const importEntry = async (entry: string): Promise<unknown> => {
  const file = statSync(entry).isDirectory() ? INDEX_FILES.map(name => join(entry, name)).find(existsSync) : entry;
  if (file === undefined) throw new Error(`There is no entry point in ${entry}: want one of ${INDEX_FILES.join(", ")}.`);
  const exported = await importModule(pathToFileURL(file).href);
  if (!Object.hasOwn(exported, "default")) return exported;
  const others = Object.keys(exported).filter(name => name !== "default" && name !== "module.exports");
  if (others.length > 0) throw new Error(`${file} has a default export and ${others.join(", ")}: want either.`);
  return exported["default"];
};

export { findHome, loadProgram };
