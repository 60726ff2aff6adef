import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";

/** What programs of child processes may import beside what lies in their own folder. */
const shared = join(__dirname, "shifted-date.ts");

/**
 * Builds a program of child processes into one plain file below `directory`, unless it lies there already, and returns its path.
 * The processes themselves then need neither ts-node nor this project's packages.
 */
const buildChildProgram = (entry: string, directory: string): string => {
  const folder = dirname(entry);
  const sources = [...readdirSync(folder).map(name => join(folder, name)), shared].sort();
  const hash = createHash("sha256").update(entry);
  for (const source of sources) hash.update(`${source}\0`).update(readFileSync(source));
  const file = join(directory, `${hash.digest("hex").slice(0, 16)}.js`);
  if (existsSync(file)) return file;
  // Synchronous: esbuild's asynchronous way would leave a service of 90 MB running.
  const { outputFiles } = buildSync({
    entryPoints: [entry],
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

export { buildChildProgram };
