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

// Reading the versions from package.json is quicker than loading esbuild and TypeScript.
const { version: esbuildVersion } = require("esbuild/package.json");
const { version: typescriptVersion } = require("typescript/package.json");

/** The laptop cloud and its plugins. Pulumi serializes no closures of theirs, so their code need not be as TypeScript's compiler writes it. */
const packages = join(__dirname, "..");

/**
 * @type {import("ts-node").TranspilerFactory}
 * `options` is a text that differs when the compiler's options do. Default: the options themselves.
 */
const create = ({ service: { config }, options = JSON.stringify(config.options) }) => {
  if (mkdirSync(folder, { recursive: true }) !== undefined) console.error("Compiling for the first time, which takes some seconds.");
  return {
    transpile(input, { fileName }) {
      const known = read(fileFor(options, fileName, input));
      if (known !== undefined) return known;
      const isKnown = (path, text) => read(fileFor(options, path, text)) !== undefined;
      for (const { path, text, ...output } of transpilePackage(fileName, isKnown)) write(fileFor(options, path, text), output);
      // Still missing: a program's file, which belongs to no package, or a file that was edited before esbuild read it.
      const found = read(fileFor(options, fileName, input));
      if (found !== undefined) return found;
      const output = transpile(require("typescript"), input, fileName, config.options);
      const { outputText, sourceMapText, diagnostics } = output;
      if (diagnostics.length === 0) write(fileFor(options, fileName, input), { outputText, sourceMapText });
      return output;
    },
  };
};

/** The transpiled code of a source, and the path of its source map. Undefined unless the source is in the cache. */
const findTranspiled = (options, fileName, input) => {
  const file = fileFor(options, fileName, input);
  try {
    return { outputText: readFileSync(`${file}.js`, "utf8"), sourceMap: `${file}.js.map` };
  } catch {
    return undefined;
  }
};

/** Where the cache has a source, without the extension. The name does not depend on the source's folder, so that copies of a program share it. */
const fileFor = (options, path, text) => {
  const parts = [typescriptVersion, esbuildVersion, options, sourcesOf(path) === undefined, basename(path), text];
  return join(folder, createHash("sha256").update(parts.join("\0")).digest("hex"));
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
 * Transpiles the unknown sources of the package that a file belongs to, in one call of esbuild: for all of a package, that takes as long as
 * TypeScript's compiler for ten files. A program's file belongs to no package. Throws if a file has a syntax error.
 */
const transpilePackage = (fileName, isKnown) => {
  const sources = sourcesOf(fileName);
  if (sources === undefined) return [];
  const { buildSync } = require("esbuild");
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter(
    file => file.endsWith(".ts") && !isKnown(join(sources, file), readFileSync(join(sources, file), "utf8")),
  );
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
    return { outputText: readFileSync(`${file}.js`, "utf8"), sourceMapText: readFileSync(`${file}.js.map`, "utf8") };
  } catch {
    return undefined;
  }
};

/** The code comes last, because it is never read without its source map. */
const write = (file, { outputText, sourceMapText }) => {
  writeWhole(`${file}.js.map`, sourceMapText);
  writeWhole(`${file}.js`, outputText);
};

/** Writes atomically, because several processes may transpile at the same time. */
const writeWhole = (file, text) => {
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, text);
  renameSync(partial, file);
};

module.exports = { create, findTranspiled };
