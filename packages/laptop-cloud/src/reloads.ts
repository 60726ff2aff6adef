import { existsSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { RunningCloud } from "./cloud";
import type { BuiltCode, CodeBuilder } from "./code-builder";
import type { Resource } from "./kernel/inventory";
import { hashOf } from "./program/asset-hash";
import { isWithin, SourceWatcher } from "./source-watcher";
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
  readonly #watcher: SourceWatcher;
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #code: BuiltCode = { files: {}, sources: [] };
  /** Files that the latest failure names. */
  #named: readonly string[] = [];
  /** The hash of each asset and archive, as the latest run of the program left it. */
  #hashes = new Map<string, string | undefined>();
  /** Whether the latest edit of the program has not been applied yet. */
  #isProgramStale = false;
  #isStopped = false;

  constructor(private readonly parts: Reloaded) {
    const { terminal } = parts;
    this.#watcher = new SourceWatcher({ onEdit: path => this.#note(path), onError: error => terminal.report(error) });
  }

  /** Begins to watch. What was edited since `sinceMs` (epoch milliseconds) is reloaded at once. */
  async start(sinceMs: number) {
    this.#readHashes();
    await this.#watch(sinceMs);
    // Modules may have been edited or deleted since the program ran.
    this.#work = this.#work.then(() => this.#attempt(() => this.#buildModules(), { isQuiet: true }));
  }

  async stop() {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.parts.program.stop();
    await this.#watcher.stop();
    await this.#work;
  }

  #watch(sinceMs: number) {
    const sources = [...this.#programFiles(), ...this.#code.sources];
    return this.#watcher.follow({ sources, named: this.#named, trees: [...this.#hashes.keys()] }, sinceMs);
  }

  /** What this process has loaded itself can't be reloaded. */
  #programFiles(): string[] {
    return this.parts.program.files.filter(isReloadable);
  }

  #readHashes() {
    this.#hashes = new Map(
      this.parts.cloud.inventory.resources.flatMap(({ inputs }) => listAssets(inputs)).map(({ path, hash }) => [path, hash]),
    );
  }

  #note(path: string) {
    this.#changed.add(path);
    // A run of the program would read old and new files, so it is run again. But it may have written the asset itself.
    if (!this.#isAsset(path)) this.parts.program.stop();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#work = this.#work.then(() => this.#reload());
    }, SETTLE_MS);
  }

  #isAsset(path: string): boolean {
    return [...this.#hashes.keys()].some(asset => isWithin(asset, path)) && !this.#programFiles().includes(path);
  }

  async #reload() {
    const changed = await this.#takeChanged();
    if (changed.length === 0) return;
    this.#isProgramStale ||= this.#concernsProgram(changed);
    await this.#attempt(() => (this.#isProgramStale ? this.#runProgram() : this.#buildModules()));
  }

  /** Returns the paths that have changed, without those of assets whose contents are as the program left them. */
  async #takeChanged(): Promise<string[]> {
    const paths = [...this.#changed];
    this.#changed.clear();
    const touched = [...this.#hashes].filter(([asset]) => paths.some(path => isWithin(asset, path)));
    const edited = await Promise.all(touched.map(async ([asset, hash]) => ((await hashOf(asset)) === hash ? [] : [asset])));
    return [...paths.filter(path => !this.#isAsset(path)), ...edited.flat()];
  }

  #concernsProgram(changed: string[]): boolean {
    const files = [...this.#programFiles(), ...this.#hashes.keys()];
    return changed.some(path => files.includes(path));
  }

  /** Does one reload. If it fails, everything keeps running as it was. A quiet one says nothing if there is nothing to reload. */
  async #attempt(reload: () => Promise<string[]>, { isQuiet = false } = {}) {
    if (this.#isStopped) return;
    const startedMs = performance.now();
    const sinceMs = Date.now();
    try {
      const names = await reload();
      this.#watcher.isSearching = false;
      if (names.length > 0 || !isQuiet) this.#tell(names, Math.round(performance.now() - startedMs));
    } catch (error) {
      await this.#fail(error as Error);
    }
    if (!this.#isStopped) await this.#watch(sinceMs);
  }

  #tell(names: string[], ms: number) {
    const { terminal, cloud } = this.parts;
    if (names.length === 0) return terminal.print("nothing to reload: the code of every function is the same");
    terminal.print(`reloaded ${shorten(names)} in ${ms} ms`);
    cloud.occurrences.record({ atMs: cloud.clock.nowMs(), kind: "reload", detail: { names, ms } });
  }

  async #fail(error: Error) {
    this.#watcher.isSearching = true;
    this.#named = listNamedFiles(error);
    for (const asset of this.#hashes.keys()) this.#hashes.set(asset, await hashOf(asset));
    // Otherwise another edit is about to be reloaded, and it has ended this run.
    if (this.#isStopped || [...this.#changed].some(path => !this.#isAsset(path))) return;
    const { terminal, cloud } = this.parts;
    terminal.report(error);
    terminal.print("The program keeps running as it was.");
    terminal.remind(cloud.place.pageUrl);
  }

  /** Returns the names of the resources whose code has changed. */
  async #buildModules(): Promise<string[]> {
    const { cloud, code } = this.parts;
    if (code === undefined) return [];
    const built = await code.build();
    const before = cloud.inventory.resources;
    for (const resource of before) requireSources(resource, built, code);
    const resources = await Promise.all(before.map(resource => rereadAssets(replaceCode(resource, built))));
    this.#code = built;
    const names = listChanged(before, resources);
    if (names.length > 0) await cloud.apply(resources);
    this.#readHashes();
    return names;
  }

  /** Returns the names of the resources that have changed, or the project's name if none has. */
  async #runProgram(): Promise<string[]> {
    const { cloud, program, code, terminal, announce } = this.parts;
    const before = cloud.inventory.resources;
    const { latest } = program;
    const { project } = program.readConfig();
    const resources = await terminal.during(`running ${project}`, () => program.run(cloud.place));
    const kept = await cloud.apply(resources, isDeepStrictEqual(program.latest, latest) ? undefined : () => program.revert(latest));
    this.#isProgramStale = false;
    this.#readHashes();
    await announce();
    this.#code = (await code?.build()) ?? this.#code;
    for (const { name, items } of kept) terminal.print(`${name} needs --fresh (${items} ${items === 1 ? "item" : "items"} would be lost)`);
    const names = listChanged(before, cloud.inventory.resources);
    return names.length > 0 ? names : [project];
  }
}

const isReloadable = (file: string) => require.cache[file] === undefined;

/** A path in an error's message, or before its stack. */
const NAMED_PATH = /[^\s"'`(),:]+\.\w+/g;

/** The files that an error names, such as one that does not compile, or one that is gone and may come back. */
const listNamedFiles = ({ stack, message }: Error): string[] =>
  ((stack ?? message).split("\n    at ", 1)[0]!.match(NAMED_PATH) ?? [])
    .map(path => resolve(path))
    .filter(path => existsSync(dirname(path)) && isReloadable(path) && !path.includes(`${sep}node_modules${sep}`));

/** An asset or archive that the program takes from disk. */
interface FileAsset {
  path: string;
  hash?: string | undefined;
}

const listAssets = (value: unknown): FileAsset[] => {
  if (typeof value !== "object" || value === null) return [];
  const isAsset = ("__pulumiAsset" in value || "__pulumiArchive" in value) && "path" in value && typeof value.path === "string";
  return [...(isAsset ? [value as FileAsset] : []), ...Object.values(value).flatMap(listAssets)];
};

interface TextAsset {
  text?: string;
}

const listTextAssets = ({ inputs }: Resource): [path: string, asset: TextAsset][] => {
  const code = inputs["code"] as { assets?: Record<string, TextAsset> } | undefined;
  return Object.entries(code?.assets ?? {}).filter(([, { text }]) => text !== undefined);
};

/** Throws for a function that runs a module which can't be built any more. */
const requireSources = (resource: Resource, { files }: BuiltCode, code: CodeBuilder) => {
  for (const [path] of listTextAssets(resource))
    if (files[path] === undefined && existsSync(code.findMap(path)))
      throw new Error(`The source of ${path} is gone, and ${resource.name} needs it.`);
};

/** A function with the files of its archive as they are built now; the same object if none has changed. */
const replaceCode = (resource: Resource, { files }: BuiltCode): Resource => {
  const changed = listTextAssets(resource).filter(([path, { text }]) => files[path] !== undefined && text !== files[path]);
  if (changed.length === 0) return resource;
  const { code } = resource.inputs;
  const assets = Object.fromEntries(changed.map(([path, asset]) => [path, { ...asset, text: files[path]! }]));
  const replaced = { code: { ...code, assets: { ...code.assets, ...assets } } };
  return { ...resource, inputs: { ...resource.inputs, ...replaced }, outputs: { ...resource.outputs, ...replaced } };
};

/** A resource with the hashes of its assets and archives as they are now; the same object if none has changed. */
const rereadAssets = async (resource: Resource): Promise<Resource> => {
  const hashes = new Map<string, string | undefined>();
  for (const { path } of listAssets(resource.inputs)) hashes.set(path, await hashOf(path));
  if (listAssets(resource.inputs).every(({ path, hash }) => hashes.get(path) === hash)) return resource;
  const reread = structuredClone(resource);
  for (const asset of listAssets([reread.inputs, reread.outputs])) asset.hash = hashes.get(asset.path);
  return reread;
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
