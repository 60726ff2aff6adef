import { existsSync, readFileSync, statSync } from "node:fs";
import Module from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { parse } from "yaml";

/** TypeScript compiles `import()` to `require()`, which can't load every ECMAScript module. */
const importModule = new Function("url", "return import(url)") as (url: string) => Promise<Record<string, unknown>>;

/** The files that stand for a folder, in Pulumi's order. */
const INDEX_FILES = ["index.js", "index.mjs", "index.ts", "index.mts"];

/** Where a program begins. All paths are absolute. */
interface EntryPoint {
  /** The program's folder. */
  folder: string;
  /** `main` of Pulumi.yaml: a file, or a folder that `main` of its package.json or its index stands for. */
  entry: string;
  /** The folder from which the program's relative paths start, also if the program changes its working directory. */
  home: string;
}

const findEntryPoint = (folder: string): EntryPoint => {
  const entry = join(folder, readMain(folder));
  return { folder, entry, home: statSync(entry).isDirectory() ? entry : dirname(entry) };
};

/** Loads a program as Pulumi's own host does: an exported function is called, and its result is what the program exports. */
const loadProgram = async ({ folder, entry, home }: EntryPoint): Promise<object> => {
  const isEcmaScript = isModule(folder);
  // Must precede chdir: hooks run in a thread that loads the files of Node's option -r again, and their paths may be relative.
  if (isEcmaScript) registerHooks();
  process.chdir(home);
  const exported = isEcmaScript ? await importEntry(entry) : (require(entry) as unknown);
  const result: unknown = typeof exported === "function" ? await exported() : exported;
  return typeof result === "object" && result !== null ? result : {};
};

const readMain = (folder: string): string => {
  const { main } = parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8")) as { main?: unknown };
  if (main === undefined) return ".";
  if (typeof main !== "string" || !existsSync(join(folder, main)))
    throw new Error(`main in ${join(folder, "Pulumi.yaml")} is ${JSON.stringify(main)}, but must be a file or folder below it.`);
  return main;
};

const isModule = (folder: string): boolean => readPackage(folder).type === "module";

const readPackage = (folder: string): { main?: string; type?: unknown } => {
  const file = join(folder, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as { main?: string; type?: unknown }) : {};
};

/** Gets the URL of each ECMAScript module that is loaded: unlike for CommonJS modules, Node keeps no list of them. */
let imported: MessagePort | undefined;

const IMPORT_HOOKS = `
  let imported;
  export const initialize = port => { imported = port; };
  export const load = (url, context, next) => {
    imported.postMessage(url);
    return next(url, context);
  };`;

const registerHooks = () => {
  if (imported !== undefined) return;
  const { port1, port2: data } = new MessageChannel();
  imported = port1;
  Module.register(`data:text/javascript,${encodeURIComponent(IMPORT_HOOKS)}`, { data, transferList: [data] });
  registerTypeScript();
};

/** The files that the program has loaded, without packages. Call it once. */
const listLoadedFiles = (): string[] => {
  const files = Object.keys(require.cache);
  for (const url of imported === undefined ? [] : receiveAll(imported)) if (url.startsWith("file:")) files.push(fileURLToPath(url));
  return files.filter(file => !file.includes(`${sep}node_modules${sep}`));
};

const receiveAll = (port: MessagePort): string[] => {
  const received: string[] = [];
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) received.push(next.message);
  return received;
};

/** The file that stands for a folder: `main` of its package.json, or else its index. */
const findEntry = (folder: string): string | undefined => {
  const { main } = readPackage(folder);
  return [...(main === undefined ? [] : [main]), ...INDEX_FILES].map(name => join(folder, name)).find(existsSync);
};

/** Loads modules in TypeScript. Node.js itself does so since 22.18, but not with all of the language. */
const registerTypeScript = () => Module.register(pathToFileURL(join(__dirname, "../../typescript-hooks.mjs")));

/** A default export takes the place of the others. */
const importEntry = async (entry: string): Promise<unknown> => {
  const file = statSync(entry).isDirectory() ? findEntry(entry) : entry;
  if (file === undefined) throw new Error(`There is no entry point in ${entry}. It must be one of ${INDEX_FILES.join(", ")}.`);
  const exported = await importModule(pathToFileURL(file).href);
  if (!Object.hasOwn(exported, "default")) return exported;
  const others = Object.keys(exported).filter(name => name !== "default" && name !== "module.exports");
  if (others.length > 0) throw new Error(`${file} has a default export and ${others.join(", ")}. It can have only one of the two.`);
  return exported["default"];
};

export { findEntryPoint, listLoadedFiles, loadProgram };
