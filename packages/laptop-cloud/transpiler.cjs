/**
 * A transpiler for ts-node with a cache of transpiled files in `dist/transpiled`.
 *
 * Transpiling takes half of the time that the laptop cloud needs to start, and nearly all of a short script's (ADR 9, ADR 39).
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join, sep } = require("node:path");

/** Diagnostics of TypeScript 6 about options that version 7 drops, such as `moduleResolution: node`. The options still work. */
const DEPRECATED_OPTIONS = [5101, 5107];

const folder = join(__dirname, "dist", "transpiled");

// Its package is quicker to read than to load.
const { version: esbuildVersion } = require("esbuild/package.json");

/** The laptop cloud itself. Pulumi serializes closures of programs as TypeScript's compiler writes them, but none of these. */
const ownSources = join(__dirname, "src") + sep;

/** @type {import("ts-node").TranspilerFactory} */
const create = ({ service: { config } }) => {
  const ts = require("typescript");
  const compilerOptions = config.options;
  const kept = JSON.stringify([ts.version, esbuildVersion, compilerOptions]);
  const isNew = mkdirSync(folder, { recursive: true }) !== undefined;
  const showProgress = isNew ? announceFirstTime() : () => undefined;
  return {
    transpile(input, { fileName }) {
      const file = join(folder, `${createHash("sha256").update(kept).update(fileName).update("\0").update(input).digest("hex")}.json`);
      const known = read(file);
      if (known !== undefined) return known;
      showProgress();
      const output = fileName.startsWith(ownSources) ? transpileQuickly(input, fileName) : transpile(ts, input, fileName, compilerOptions);
      const { outputText, sourceMapText, diagnostics } = output;
      if (diagnostics.length === 0) write(file, { outputText, sourceMapText });
      return output;
    },
  };
};

/** In a terminal, the returned function writes the same line again with the number of files so far. */
const announceFirstTime = () => {
  const text = "Compiling for the first time, which takes some seconds";
  if (!process.stderr.isTTY) console.error(`${text}.`);
  let count = 0;
  return () => {
    count += 1;
    if (process.stderr.isTTY) process.stderr.write(`\r${text}: ${count} files`);
  };
};

const transpile = (ts, input, fileName, compilerOptions) => {
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(input, { fileName, compilerOptions, reportDiagnostics: true });
  return { outputText, sourceMapText, diagnostics: diagnostics.filter(({ code }) => !DEPRECATED_OPTIONS.includes(code)) };
};

/** In a twentieth of the time. Throws if the syntax is wrong. */
const transpileQuickly = (input, fileName) => {
  const { transformSync } = require("esbuild");
  const { code, map } = transformSync(input, {
    sourcefile: fileName,
    sourcemap: true,
    loader: "ts",
    format: "cjs",
    platform: "node",
    target: "es2022",
  });
  return { outputText: code, sourceMapText: map, diagnostics: [] };
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
