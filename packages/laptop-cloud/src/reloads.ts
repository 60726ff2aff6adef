import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type FSWatcher, watch } from "chokidar";
import type { RunningCloud } from "./cloud";
import type { BuiltCode, CodeBuilder } from "./code-builder";
import type { Resource } from "./kernel/inventory";
import type { StackProgram } from "./stack-program";
import type { Terminal } from "./terminal";

/** Editors write a file in several steps, and people save several files at once. */
const SETTLE_MS = 50;

/** How many names a line shows. */
const MAX_NAMES = 8;

interface Reloaded {
  cloud: RunningCloud;
  program: StackProgram;
  code: CodeBuilder | undefined;
  terminal: Terminal;
  /** Writes the stack's outputs where scripts find them. */
  announce(): Promise<void>;
}

/** Follows the sources: builds an edited module again, runs an edited program again, and applies the difference. */
class Reloads {
  #watcher: FSWatcher | undefined;
  readonly #changed = new Set<string>();
  /** The files and folders whose changes count. */
  #sources: ReadonlySet<string> = new Set();
  #folders: string[] = [];
  readonly #watched = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #code: BuiltCode = { files: {}, sources: [] };
  /** Whether the latest edit of the program has not been applied yet. */
  #isProgramStale = false;
  /** Whether the latest reload failed. A file that it misses may be anywhere in the watched folders. */
  #failed = false;
  #stopped = false;

  constructor(private readonly parts: Reloaded) {}

  /** Begins to watch. Files that were edited since `sinceMs` (epoch milliseconds) are reloaded at once. */
  async start(sinceMs: number) {
    try {
      this.#code = (await this.parts.code?.build()) ?? this.#code;
    } catch (error) {
      this.parts.terminal.report(error as Error);
    }
    if (this.#stopped) return;
    // Folders rather than files, because editors replace a file by another one of its name.
    this.#watcher = watch(this.#listUnwatched(), { ignoreInitial: true, depth: 0 });
    this.#watcher.on("all", (event, path) => {
      if (!this.#isConcerned(event, path)) return;
      if (event === "addDir") this.#watcher!.add(path);
      if (event === "unlinkDir") this.#watched.delete(path);
      this.#note(path);
    });
    // For instance, the system has a limit on watched files.
    this.#watcher.on("error", error => this.parts.terminal.report(error as Error));
    await once(this.#watcher, "ready");
    for (const path of this.#sources) if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > sinceMs) this.#note(path);
  }

  async stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.parts.program.stop();
    await this.#watcher?.close();
    await this.#work;
  }

  /** After a failure, any new file may be the one that was missing. */
  #isConcerned(event: string, path: string): boolean {
    const isNew = event === "add" || event === "addDir";
    return (this.#failed && isNew) || this.#sources.has(path) || this.#folders.some(folder => path.startsWith(folder + sep));
  }

  /** The folders to watch, for the sources as they are now. */
  #listWatched(): string[] {
    const paths = [...this.#programFiles(), ...this.#code.sources];
    // A module that was deleted may come back.
    this.#sources = new Set([...this.#sources, ...paths]);
    this.#folders = paths.filter(path => statSync(path, { throwIfNoEntry: false })?.isDirectory());
    return [...new Set([...paths.map(path => dirname(path)), ...this.#folders.flatMap(listFolders)])];
  }

  /** Only paths that are new: a file that is created while its folder is added again would be taken for an old one. */
  #listUnwatched(): string[] {
    const paths = this.#listWatched().filter(path => !this.#watched.has(path));
    for (const path of paths) this.#watched.add(path);
    return paths;
  }

  /** What this process has loaded itself can't be reloaded. */
  #programFiles(): string[] {
    const { program, cloud } = this.parts;
    return [...program.files.filter(file => require.cache[file] === undefined), ...listAssetPaths(cloud.inventory.resources)];
  }

  #note(path: string) {
    this.#changed.add(path);
    // A run of the program would read old and new files. It is run again.
    this.parts.program.stop();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#work = this.#work.then(() => this.#reload());
    }, SETTLE_MS);
  }

  async #reload() {
    if (this.#stopped) return;
    const changed = [...this.#changed];
    this.#changed.clear();
    const startedMs = performance.now();
    try {
      this.#isProgramStale ||= this.#concernsProgram(changed);
      const names = this.#isProgramStale ? await this.#runProgram() : await this.#buildModules();
      this.#failed = false;
      this.#tell(names, Math.round(performance.now() - startedMs));
    } catch (error) {
      this.#failed = true;
      // Another edit is about to be reloaded.
      if (this.#stopped || this.#changed.size > 0) return;
      this.parts.terminal.report(error as Error);
      this.parts.terminal.print("The program keeps running as it was.");
    }
    if (!this.#stopped) this.#watcher?.add(this.#listUnwatched());
  }

  #tell(names: string[], ms: number) {
    const { terminal, cloud } = this.parts;
    if (names.length === 0) return terminal.print("nothing to reload: the code of every function is the same");
    terminal.print(`reloaded ${shorten(names)} in ${ms} ms`);
    cloud.occurrences.record({ atMs: cloud.clock.nowMs(), kind: "reload", detail: { names, ms } });
  }

  #concernsProgram(changed: string[]): boolean {
    const files = this.#programFiles();
    return changed.some(path => files.some(file => path === file || path.startsWith(file + sep)));
  }

  /** Returns the names of the functions whose code has changed. */
  async #buildModules(): Promise<string[]> {
    const { cloud, code } = this.parts;
    const built = await code!.build();
    const names: string[] = [];
    const resources = cloud.inventory.resources.map(resource => {
      const replaced = replaceCode(resource, built);
      if (replaced !== resource) names.push(resource.name);
      return replaced;
    });
    this.#code = built;
    if (names.length > 0) await cloud.apply(resources);
    return names;
  }

  /** Returns the names of the resources that have changed, or the project's name if none has. */
  async #runProgram(): Promise<string[]> {
    const { cloud, program, code, terminal, announce } = this.parts;
    const before = cloud.inventory.resources;
    const { latest } = program;
    const resources = await program.run(cloud.place);
    const kept = await cloud.apply(resources, isDeepStrictEqual(program.latest, latest) ? undefined : () => program.revert(latest));
    this.#isProgramStale = false;
    await announce();
    this.#code = (await code?.build()) ?? this.#code;
    for (const { name, items } of kept) terminal.print(`${name} needs --fresh (${items} ${items === 1 ? "item" : "items"} would be lost)`);
    const names = listChanged(before, cloud.inventory.resources);
    return names.length > 0 ? names : [program.readConfig().project];
  }
}

/** A folder and those below it. */
const listFolders = (folder: string): string[] => {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return [folder, ...entries.filter(entry => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name))];
  } catch {
    // It was deleted meanwhile.
    return [folder];
  }
};

/** The files and folders of assets and archives: code and objects that the program takes from disk. */
const listAssetPaths = (resources: readonly Resource[]): string[] => {
  const paths: string[] = [];
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    if (("__pulumiAsset" in value || "__pulumiArchive" in value) && "path" in value && typeof value.path === "string")
      paths.push(resolve(value.path));
    for (const inner of Object.values(value)) visit(inner);
  };
  for (const { inputs } of resources) visit(inputs);
  return paths;
};

interface Asset {
  text?: string;
}

/** A function with the files of its archive as they are built now; the same object if none has changed. */
const replaceCode = (resource: Resource, { files }: BuiltCode): Resource => {
  const code = resource.inputs["code"] as { assets?: Record<string, Asset> } | undefined;
  const changed = Object.entries(code?.assets ?? {}).filter(
    ([path, { text }]) => text !== undefined && files[path] !== undefined && text !== files[path],
  );
  if (changed.length === 0) return resource;
  const assets = Object.fromEntries(changed.map(([path, asset]) => [path, { ...asset, text: files[path]! }]));
  const replaced = { code: { ...code, assets: { ...code!.assets, ...assets } } };
  return { ...resource, inputs: { ...resource.inputs, ...replaced }, outputs: { ...resource.outputs, ...replaced } };
};

/** The names of resources that are new, gone or different. */
const listChanged = (before: readonly Resource[], after: readonly Resource[]): string[] => {
  const keyOf = ({ type, name }: Resource) => `${type} ${name}`;
  const old = new Map(before.map(resource => [keyOf(resource), resource]));
  const current = new Set(after.map(keyOf));
  const changed = after.filter(resource => !isDeepStrictEqual(resource, old.get(keyOf(resource))));
  const gone = before.filter(resource => !current.has(keyOf(resource)));
  return [...new Set([...changed, ...gone].map(({ name }) => name))];
};

const shorten = (names: string[]): string =>
  names.length <= MAX_NAMES ? names.join(", ") : `${names.slice(0, MAX_NAMES).join(", ")} and ${names.length - MAX_NAMES} more`;

export { Reloads };
