import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { type FSWatcher, watch } from "chokidar";
import { listTree } from "./program/asset-hash";

/** File times may lag behind the clock by this much. */
const CLOCK_TICK_MS = 20;

interface Followed {
  /** Files that were read, so a missing one has been deleted. */
  sources: readonly string[];
  /** Files that may be missing. */
  named: readonly string[];
  /** Files, or folders with all that is below them. */
  trees: readonly string[];
}

interface WatcherOptions {
  /** Called with the absolute path of a file or folder that was written or deleted. */
  onEdit(path: string): void;
  onError(error: Error): void;
}

/** Watches the folders of sources, not the files, because editors replace a file with a new one of the same name. */
class SourceWatcher {
  /** Includes deleted files, because they may be created again. */
  readonly #files = new Set<string>();
  #trees: readonly string[] = [];
  /** Folders that were created after a failure. */
  readonly #newFolders = new Set<string>();
  readonly #watched = new Set<string>();
  /** Each call of `follow` that names new folders adds a watcher. */
  readonly #watchers: FSWatcher[] = [];
  readonly #stopping = new AbortController();
  /** Whether every file in the watched folders counts: after a failure, any of them may be the one that was wrong or missing. */
  isSearching = false;

  constructor(private readonly options: WatcherOptions) {}

  /** Also reports edits since `sinceMs` (epoch milliseconds) and deleted sources, from before the folders were watched. */
  async follow({ sources, named, trees }: Followed, sinceMs: number) {
    for (const file of [...sources, ...named]) this.#files.add(file);
    this.#trees = trees;
    const folders = this.#listFolders().filter(folder => !this.#watched.has(folder));
    if (folders.length === 0) return;
    const watcher = watch(folders, { ignoreInitial: true, depth: 0 });
    this.#watchers.push(watcher);
    for (const folder of folders) this.#watched.add(folder);
    watcher.on("all", (event, path) => {
      if (event === "unlinkDir") this.#watched.delete(path);
      this.#hear(path);
    });
    // For instance, the system has a limit on watched files.
    watcher.on("error", error => this.options.onError(error as Error));
    try {
      await once(watcher, "ready", this.#stopping);
    } catch {
      return;
    }
    const edited = folders.flatMap(listEntries).filter(path => wasEdited(path, sinceMs - CLOCK_TICK_MS));
    const deleted = sources.filter(path => folders.includes(dirname(path)) && !existsSync(path));
    for (const path of [...edited, ...deleted]) this.#hear(path);
  }

  async stop() {
    this.#stopping.abort();
    await Promise.all(this.#watchers.map(watcher => watcher.close()));
  }

  #listFolders(): string[] {
    const folders = [
      ...[...this.#files, ...this.#trees].map(path => dirname(path)),
      ...this.#trees.flatMap(listFolders),
      ...this.#newFolders,
    ];
    return [...new Set(folders)].filter(isFolder);
  }

  #hear(path: string) {
    const isFound = this.isSearching && !isIgnored(path);
    if (isFound && isFolder(path)) this.#newFolders.add(path);
    if (isFound || this.#files.has(path) || this.#trees.some(tree => isWithin(tree, path))) this.options.onEdit(path);
  }
}

const listFolders = (tree: string): string[] => {
  try {
    return listTree(tree).folders;
  } catch {
    // It was deleted.
    return [];
  }
};

const listEntries = (folder: string): string[] => {
  try {
    return readdirSync(folder).map(name => join(folder, name));
  } catch {
    // It was deleted.
    return [];
  }
};

/** Compares the time at which the inode changed, because a file that is moved here keeps the time at which it was written. */
const wasEdited = (path: string, sinceMs: number) => (statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0) > sinceMs;

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Files that editors write beside the one that is edited, and folders that no program is made of. */
const isIgnored = (path: string) => /^\.|~$|^node_modules$/.test(basename(path));

const isWithin = (tree: string, path: string) => path === tree || path.startsWith(tree + sep);

export { isWithin, SourceWatcher };
