/**
 * Registers ts-node, as Pulumi's own host does, with a cache of transpiled files in `dist/transpiled`.
 *
 * Transpiling takes half of the time that `npm start` needs to get ready (ADR 9), and nearly all of a short script's. Pulumi's host does not
 * load this file. It transpiles with the same compiler and options, without a cache.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const folder = join(__dirname, "dist", "transpiled");

/** @type {import("ts-node").TranspilerFactory} */
const create = ({ service: { config } }) => {
  const ts = require("typescript");
  const compilerOptions = config.options;
  const kept = JSON.stringify([ts.version, compilerOptions]);
  const isNew = mkdirSync(folder, { recursive: true }) !== undefined;
  if (isNew) console.error("Compiling for the first time, which takes some seconds.");
  return {
    transpile(input, { fileName }) {
      const file = join(folder, `${createHash("sha256").update(kept).update(fileName).update("\0").update(input).digest("hex")}.json`);
      const known = read(file);
      if (known !== undefined) return known;
      const { outputText, sourceMapText, diagnostics } = ts.transpileModule(input, { fileName, compilerOptions, reportDiagnostics: true });
      if (diagnostics?.length === 0) write(file, { outputText, sourceMapText });
      return { outputText, sourceMapText, diagnostics };
    },
  };
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

// ts-node calls `create` of this module.
require("ts-node").register({ transpileOnly: true, transpiler: __filename });
