import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { unzip } from "./zip";

/** A function's code: files by path, with "/" between folders. */
type CodeFiles = Map<string, Buffer>;

/** A function's code, unpacked. */
interface Artefact {
  taskRoot: string;
  cacheDirectory: string;
  /** Base64 hash of paths and contents, so that equal code has an equal hash. AWS hashes the ZIP file. */
  codeSha256: string;
  codeSizeBytes: number;
}

/** The objects of `new pulumi.asset.*` that can be read here. */
interface PulumiAsset {
  assets?: Promise<Record<string, PulumiAsset>> | Record<string, PulumiAsset>;
  path?: Promise<string> | string;
  text?: Promise<string> | string;
  uri?: Promise<string> | string;
  __pulumiArchive?: boolean;
}

/** Reads a `code` input: archives of assets and of further archives, folders and .zip files. Throws `Error` for other kinds, by name. */
const readCode = async (code: PulumiAsset): Promise<CodeFiles> => {
  const files: CodeFiles = new Map();
  const assets = await code.assets;
  if (assets === undefined) return readPath(requirePath(await code.path, await code.uri));
  for (const [path, asset] of Object.entries(assets)) {
    if (asset.__pulumiArchive) for (const [inner, bytes] of await readCode(asset)) files.set(`${path}/${inner}`, bytes);
    else files.set(path, await readAsset(asset));
  }
  return files;
};

const readAsset = async (asset: PulumiAsset): Promise<Buffer> => {
  const text = await asset.text;
  return text === undefined ? readFile(requirePath(await asset.path, await asset.uri)) : Buffer.from(text);
};

const requirePath = (path: string | undefined, uri: string | undefined) => {
  if (path === undefined) throw new Error(`the laptop cloud reads no remote code (${uri}): use files`);
  return path;
};

const readPath = async (path: string): Promise<CodeFiles> => {
  if (!(await stat(path)).isDirectory()) {
    if (!path.endsWith(".zip")) throw new Error(`the laptop cloud reads folders and .zip files as code, and ${path} is neither`);
    return unzip(await readFile(path));
  }
  const files: CodeFiles = new Map();
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(relative(path, file).split(sep).join("/"), await readFile(file));
  }
  return files;
};

/**
 * Unpacks code into `directory/HASH`. The folder is created completely or not at all, and is written again if its content has changed.
 * Throws `Error` for a path outside the folder.
 */
const unpack = async (directory: string, files: CodeFiles): Promise<Artefact> => {
  const hash = createHash("sha256");
  let codeSizeBytes = 0;
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
    codeSizeBytes += bytes.length;
  }
  const digest = hash.digest();
  const name = digest.toString("hex").slice(0, 16);
  const taskRoot = join(directory, name);
  if (!(await holds(taskRoot, files))) await writeFolder(taskRoot, files);
  // Node resolves modules to real paths, and on macOS /tmp is a link.
  return { taskRoot: await realpath(taskRoot), cacheDirectory: `${taskRoot}.cache`, codeSha256: digest.toString("base64"), codeSizeBytes };
};

/** Removes the code of earlier starts. Not during a reload, since the function may still run and load modules of its old code. */
const removeOthers = async ({ taskRoot }: Artefact) => {
  const name = basename(taskRoot);
  for (const other of await readdir(dirname(taskRoot))) {
    if (other !== name && other !== `${name}.cache`) await rm(join(dirname(taskRoot), other), { recursive: true, force: true });
  }
};

/** Whether a folder contains exactly this code. A power cut may leave empty files, and people may edit files. */
const holds = async (folder: string, files: CodeFiles): Promise<boolean> => {
  try {
    for (const [path, bytes] of files) if (!bytes.equals(await readFile(join(folder, path)))) return false;
    return true;
  } catch {
    return false;
  }
};

const writeFolder = async (folder: string, files: CodeFiles) => {
  const unfinished = `${folder}.part`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  for (const [path, bytes] of files) {
    const file = resolve(unfinished, path);
    if (!file.startsWith(unfinished + sep))
      throw new Error(`the code contains the path ${JSON.stringify(path)}, which is outside its folder`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
};

export type { Artefact, CodeFiles, PulumiAsset };
export { readCode, removeOthers, unpack };
