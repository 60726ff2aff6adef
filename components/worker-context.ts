/** Bundles a container's worker beside its Dockerfile. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { buildOptions, bundlesFolder, filesBelow, fingerprint, root, write } from "./function-modules";

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
const buildContext = (folder: string): BuildContext => {
  const context = join("dist", folder);
  const folders = [folder, ...SHARED_FOLDERS];
  const bundle = join(bundlesFolder, `${folder}-${fingerprint(folders)}.js`);
  if (!existsSync(bundle)) write(bundle, bundleWorker(folder));
  place(bundle, join(root, context, "worker.js"));
  place(join(root, folder, "Dockerfile"), join(root, context, "Dockerfile"));
  return { context: `./${context}`, sources: folders.flatMap(filesBelow) };
};

/**
 * Bundles the worker. Unlike functions, it keeps the default credential chain, because on Fargate credentials come from an endpoint. It
 * builds in a separate process: the build of the callbacks stops the service of esbuild that both would share.
 */
const bundleWorker = (folder: string): Uint8Array => {
  const { outputFiles } = esbuild.buildSync({
    ...buildOptions,
    sourcemap: false,
    entryPoints: [join(folder, "worker.ts")],
    absWorkingDir: root,
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]!.contents;
};

/** Copies changed files only, because a worker may be running from this folder. */
const place = (from: string, to: string) => {
  const contents = readFileSync(from);
  if (!existsSync(to) || !readFileSync(to).equals(contents)) write(to, contents);
};

export { buildContext };
