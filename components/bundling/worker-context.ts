/** Bundles a container's worker beside its Dockerfile. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildOptions, bundlesFolder, filesBelow, fingerprint, root, runEsbuild, write } from "./function-modules";

interface BuildContext {
  /** The folder that the image is built from. */
  context: string;
  /** The worker's source files, absolute paths. */
  sources: string[];
}

/** Folders with the sources of every worker. */
const SHARED_FOLDERS = ["core", "stores"];

/**
 * Creates the build context of the image, the same for the same sources. Its path is relative to the project's root, so that the stack's
 * state contains no path of this machine.
 */
const buildContext = async (folder: string): Promise<BuildContext> => {
  const context = join("dist", folder);
  const folders = [folder, ...SHARED_FOLDERS];
  place(await bundleWorker(folder, folders), join(root, context, "worker.js"));
  place(readFileSync(join(root, folder, "Dockerfile")), join(root, context, "Dockerfile"));
  return { context: `./${context}`, sources: folders.flatMap(filesBelow) };
};

/**
 * Bundles the worker, or takes the bundle from the cache. Unlike functions, it keeps the default credential chain, because on Fargate
 * credentials come from an endpoint.
 */
const bundleWorker = async (folder: string, folders: string[]): Promise<Uint8Array> => {
  const before = fingerprint(folders);
  const cached = join(bundlesFolder, `${folder}-${before}.js`);
  if (existsSync(cached)) return readFileSync(cached);
  const { outputFiles } = await runEsbuild({ ...buildOptions, sourcemap: false, entryPoints: [join(folder, "worker.ts")] });
  // If a source was edited during the build, the bundle may have its old or its new text.
  if (fingerprint(folders) === before) write(cached, outputFiles[0]!.contents);
  return outputFiles[0]!.contents;
};

/** Copies changed files only, because a worker may be running from this folder. */
const place = (contents: Uint8Array, to: string) => {
  if (!existsSync(to) || !readFileSync(to).equals(contents)) write(to, contents);
};

export { buildContext };
