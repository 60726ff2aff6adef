import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Folders with too many files to read or watch, which nobody edits. */
const SKIPPED_FOLDERS = ["node_modules", ".git"];

interface Tree {
  folders: string[];
  files: string[];
}

/** The folders and files of an asset or archive, absolute paths in a fixed order. Throws if it does not exist. */
const listTree = (path: string): Tree => {
  if (!statSync(path).isDirectory()) return { folders: [], files: [path] };
  const tree: Tree = { folders: [path], files: [] };
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = join(path, entry.name);
    if (entry.isFile()) tree.files.push(inner);
    if (!entry.isDirectory() || SKIPPED_FOLDERS.includes(entry.name)) continue;
    const { folders, files } = listTree(inner);
    tree.folders.push(...folders);
    tree.files.push(...files);
  }
  return tree;
};

/** A hash of an asset's file, or of all files of an archive. Undefined if they can't be read. */
const hashOf = async (path: string): Promise<string | undefined> => {
  const hash = createHash("sha256");
  try {
    for (const file of listTree(path).files) hash.update(`${file}\0`).update(await readFile(file));
    return hash.digest("hex");
  } catch {
    return undefined;
  }
};

export { hashOf, listTree };
