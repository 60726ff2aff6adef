import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

const sources = join(__dirname, "runtime");

/**
 * Builds the program of functions' processes (`runtime/`) into one plain file below `directory`, unless it lies there already, and
 * returns its path. The processes themselves then need neither ts-node nor this project's packages.
 */
const buildBootstrap = (directory: string): string => {
  const hash = createHash("sha256");
  for (const name of readdirSync(sources).sort()) hash.update(`${name}\0`).update(readFileSync(join(sources, name)));
  const file = join(directory, `${hash.digest("hex").slice(0, 16)}.js`);
  if (existsSync(file)) return file;
  // Synchronous: esbuild's asynchronous way would leave a service of 90 MB running.
  const { outputFiles } = buildSync({
    entryPoints: [join(sources, "bootstrap.ts")],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "cjs",
  });
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${file}.part`, outputFiles[0]!.contents);
  renameSync(`${file}.part`, file);
  return file;
};

export { buildBootstrap };
