/**
 * A transpiler for ts-node with a cache of transpiled files in `dist/transpiled`.
 *
 * Transpiling takes half of the time that the laptop cloud needs to start, and nearly all of a short script's (ADR 9, ADR 39).
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { basename, join, relative, sep } = require("node:path");

/** Diagnostics of TypeScript 6 about options that version 7 drops, such as `moduleResolution: node`. The options still work. */
const DEPRECATED_OPTIONS = [5101, 5107];

const folder = join(__dirname, "dist", "transpiled");

// Its package is quicker to read than to load.
const { version: esbuildVersion } = require("esbuild/package.json");

/** The laptop cloud and its plugins. Pulumi serializes no closures of theirs, so their code need not be as TypeScript's compiler writes it. */
const packages = join(__dirname, "..");

/** @type {import("ts-node").TranspilerFactory} */
const create = ({ service: { config } }) => {
  const ts = require("typescript");
  const compilerOptions = config.options;
  const kept = JSON.stringify([ts.version, esbuildVersion, compilerOptions]);
  if (mkdirSync(folder, { recursive: true }) !== undefined) console.error("Compiling for the first time, which takes some seconds.");
  return {
    transpile(input, { fileName }) {
      // The cache doesn't contain the folder's name, so that copies of a program share it.
      const fileFor = (path, text) => {
        const parts = [kept, sourcesOf(path) === undefined, basename(path), text];
        return join(folder, `${createHash("sha256").update(parts.join("\0")).digest("hex")}.json`);
      };
      const file = fileFor(fileName, input);
      const known = read(file);
      if (known !== undefined) return known;
      for (const { path, text, ...output } of transpilePackage(fileName)) {
        const each = fileFor(path, text);
        if (read(each) === undefined) write(each, output);
      }
      // Still missing: a program's file, which belongs to no package, or a file that was edited before esbuild read it.
      const found = read(file);
      if (found !== undefined) return found;
      const output = transpile(ts, input, fileName, compilerOptions);
      const { outputText, sourceMapText, diagnostics } = output;
      if (diagnostics.length === 0) write(file, { outputText, sourceMapText });
      return output;
    },
  };
};

const transpile = (ts, input, fileName, compilerOptions) => {
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(input, { fileName, compilerOptions, reportDiagnostics: true });
  return { outputText, sourceMapText, diagnostics: diagnostics.filter(({ code }) => !DEPRECATED_OPTIONS.includes(code)) };
};

/** The folder of sources of the package that a file belongs to; undefined for a program's file. */
const sourcesOf = fileName => {
  const [name, folder] = relative(packages, fileName).split(sep);
  return name === ".." || folder !== "src" ? undefined : join(packages, name, folder);
};

/**
 * Transpiles all sources of the package that a file belongs to, in one call of esbuild, which takes as long as TypeScript's compiler for ten files.
 * A program's file belongs to no package. Throws if a file has a syntax error.
 */
const transpilePackage = fileName => {
  const sources = sourcesOf(fileName);
  if (sources === undefined) return [];
  const { buildSync } = require("esbuild");
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter(file => file.endsWith(".ts"));
  const { outputFiles } = buildSync({
    entryPoints: files.map(file => join(sources, file)),
    outdir: sources,
    outbase: sources,
    write: false,
    sourcemap: "external",
    format: "cjs",
    platform: "node",
    target: "es2022",
    tsconfigRaw: "{}",
    logLevel: "silent",
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [path, text]));
  return files.map(file => {
    const path = join(sources, file);
    const sourceMapText = texts.get(path.replace(/ts$/, "js.map"));
    // The source as esbuild has read it. A file of types has an empty map.
    const [text = readFileSync(path, "utf8")] = JSON.parse(sourceMapText).sourcesContent;
    return { path, text, outputText: texts.get(path.replace(/ts$/, "js")), sourceMapText };
  });
};

const read = file => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

/** Writes atomically, because several processes may transpile at the same time. */
const write = (file, output) => {
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, JSON.stringify(output));
  renameSync(partial, file);
};

module.exports = { create };
