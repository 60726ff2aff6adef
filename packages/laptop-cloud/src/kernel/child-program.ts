import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";

/** The modules that programs of child processes may import from outside their own folder. */
const shared = require.resolve("./shifted-date");

/**
 * Bundles a program of child processes into one file below `directory`, unless an intact copy exists, and returns its path.
 * The processes themselves then need neither ts-node nor this project's packages.
 */
const buildChildProgram = (entry: string, directory: string): string => {
  const folder = dirname(entry);
  const sources = [...readdirSync(folder).map(name => join(folder, name)), shared].sort();
  const hash = createHash("sha256").update(entry);
  for (const source of sources) hash.update(`${source}\0`).update(readFileSync(source));
  const file = join(directory, `${hash.digest("hex").slice(0, 16)}.js`);
  if (isWhole(file)) return file;
  // Synchronous, because esbuild's asynchronous API leaves a process of 90 MB running.
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "cjs",
  });
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${file}.part`, seal(outputFiles[0]!.text));
  rmSync(file, { recursive: true, force: true });
  renameSync(`${file}.part`, file);
  return file;
};

/** The file's name identifies only its sources. A last line shows whether the file is complete, which a power cut may prevent. */
const seal = (program: string) => `${program}// ${createHash("sha256").update(program).digest("hex")}\n`;

/** Bytes in the last line of `seal`. */
const sealBytes = seal("").length;

const isWhole = (file: string): boolean => {
  try {
    const text = readFileSync(file, "utf8");
    return text === seal(text.slice(0, -sealBytes));
  } catch {
    return false;
  }
};

export { buildChildProgram };
