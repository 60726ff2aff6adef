import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** A hash of an asset's file, or of all files below an archive's folder. Undefined if they can't be read. */
const hashOf = async (path: string): Promise<string | undefined> => {
  const hash = createHash("sha256");
  try {
    const files = (await stat(path)).isDirectory() ? await listFilesBelow(path) : [path];
    for (const file of files) hash.update(`${file}\0`).update(await readFile(file));
    return hash.digest("hex");
  } catch {
    return undefined;
  }
};

const listFilesBelow = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();

export { hashOf };
