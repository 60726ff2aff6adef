/**
 * Transpiles TypeScript, with a cache of transpiled files in `dist/transpiled`.
 *
 * Transpiling takes half of the time that the laptop cloud needs to start, and nearly all of a short script's (ADR 9). In this repository, TypeScript's
 * native compiler does it for many files in one call (ADR 81). Where it is not installed, this is a transpiler for ts-node.
 */
const { execFileSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { basename, dirname, join, relative, resolve, sep } = require("node:path");
const { prune } = require("./prune.cjs");

/** Diagnostics of TypeScript 6 about options that version 7 drops, such as `moduleResolution: node`. The options still work. */
const DEPRECATED_OPTIONS = [5101, 5107];

const dist = join(__dirname, "dist");
const folder = join(dist, "transpiled");

// Reading the version from package.json is quicker than loading TypeScript.
const { version } = require("typescript/package.json");

/** The laptop cloud and its plugins. */
const packages = join(__dirname, "..");

/**
 * @type {import("ts-node").TranspilerFactory}
 * `project` and `options` as in `findTranspiled`. Without a project, the native compiler is not used, and `options` is any text that differs when the
 * compiler's options do.
 */
const create = ({ service: { config }, project, options = JSON.stringify(config.options) }) => ({
  transpile(input, { fileName }) {
    const file = fileFor(options, fileName, input);
    const known = find(read, file, { project, options, fileName });
    if (known !== undefined) return known;
    createFolder();
    const output = transpile(require("typescript"), input, fileName, config.options);
    const { outputText, sourceMapText, diagnostics } = output;
    if (diagnostics.length === 0) write(file, { outputText, sourceMapText });
    return output;
  },
});

/**
 * The transpiled code of a source, and the path of its source map. `options` is the text of tsconfig.json in `project`. Undefined if the source is
 * neither in the cache nor can be compiled natively.
 */
const findTranspiled = ({ project, options }, fileName, input) =>
  find(readCode, fileFor(options, fileName, input), { project, options, fileName });

/** Reads a file of the cache, which the native compiler creates if it is missing. */
const find = (readFile, file, source) => readFile(file) ?? (compileNatively(source) ? readFile(file) : undefined);

const readCode = file => {
  try {
    return { outputText: readFileSync(`${file}.js`, "utf8"), sourceMap: `${file}.js.map` };
  } catch {
    return undefined;
  }
};

/** Where the cache has a source, without the extension. The name does not depend on the source's folder, so that copies of a program share it. */
const fileFor = (options, path, text) =>
  join(
    folder,
    createHash("sha256")
      .update([version, options, basename(path), text].join("\0"))
      .digest("hex"),
  );

const transpile = (ts, input, fileName, compilerOptions) => {
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(input, { fileName, compilerOptions, reportDiagnostics: true });
  return { outputText, sourceMapText, diagnostics: diagnostics.filter(({ code }) => !DEPRECATED_OPTIONS.includes(code)) };
};

/** Options in addition to those of tsconfig.json, which make the native compiler write what ts-node's `transpileOnly` writes. */
const NATIVE_OPTIONS = {
  noEmit: false,
  declaration: false,
  sourceMap: true,
  inlineSourceMap: false,
  inlineSources: true,
  isolatedModules: true,
  // No types are read or checked.
  noCheck: true,
  noResolve: true,
  lib: ["es5"],
  types: [],
};

/**
 * What the compilers write if a private method mentions its class. TypeScript 7.0 then also renames properties that have the class's name, so TypeScript
 * 5 transpiles such files.
 */
const RENAMED_CLASS = /^_[a-z]+ = [\w$]+;$/m;

/** Folders with a file that the native compiler does not take. */
const failed = new Set();

/**
 * Compiles the unknown sources in a file's folder, or in the whole package that it belongs to, in one call of TypeScript's native compiler: for five
 * hundred files, that takes as long as TypeScript 5 for twenty. Returns false if there is no such compiler, or if it does not take them.
 */
const compileNatively = ({ project, options, fileName }) => {
  const [sources, recursive] = sourcesOf(fileName);
  const compiler = project === undefined || failed.has(sources) ? undefined : findNativeCompiler();
  if (compiler === undefined) return false;
  createFolder();
  const outDir = mkdtempSync(join(folder, "native-"));
  try {
    const unknown = readdirSync(sources, { recursive, encoding: "utf8" })
      .filter(name => name.endsWith(".ts") && !name.endsWith(".d.ts"))
      .map(name => join(sources, name))
      .map(path => ({ path, text: readFileSync(path, "utf8") }))
      .filter(({ path, text }) => !existsSync(`${fileFor(options, path, text)}.js`));
    const compilerOptions = { ...NATIVE_OPTIONS, outDir, rootDir: sources };
    const config = { extends: join(project, "tsconfig.json"), compilerOptions, include: [], files: unknown.map(({ path }) => path) };
    writeFileSync(join(outDir, "tsconfig.json"), JSON.stringify(config));
    execFileSync(compiler, ["-p", outDir], { stdio: "ignore" });
    for (const { path, text } of unknown) {
      const output = join(outDir, relative(sources, path)).replace(/ts$/, "js");
      // The compiler may have read a later text.
      if (readFileSync(path, "utf8") === text && !RENAMED_CLASS.test(readFileSync(output, "utf8")))
        keep(output, fileFor(options, path, text));
    }
    return true;
  } catch {
    // TypeScript 5 says what is wrong.
    failed.add(sources);
    return false;
  } finally {
    rmSync(outDir, { recursive: true });
  }
};

/** The folder whose sources are compiled together with a file, and whether its subfolders are, too. */
const sourcesOf = fileName => {
  const [name, inner] = relative(packages, fileName).split(sep);
  return name !== ".." && inner === "src" ? [join(packages, name, inner), true] : [dirname(fileName), false];
};

/** The executable of TypeScript 7. Only this repository has it. */
const findNativeCompiler = () => {
  try {
    const { resolve: resolveFrom } = createRequire(require.resolve("typescript-native/package.json"));
    const name = `@typescript/typescript-${process.platform}-${process.arch}`;
    return resolve(dirname(resolveFrom(`${name}/package.json`)), "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
  } catch {
    return undefined;
  }
};

const createFolder = () => {
  prune(dist);
  if (mkdirSync(folder, { recursive: true }) !== undefined) console.error("Compiling for the first time, which takes some seconds.");
};

const read = file => {
  try {
    return { outputText: readFileSync(`${file}.js`, "utf8"), sourceMapText: readFileSync(`${file}.js.map`, "utf8") };
  } catch {
    return undefined;
  }
};

/** The code comes last, because it is never read without its source map. */
const ENDINGS = [".js.map", ".js"];

/** Writes atomically, because several processes may transpile at the same time. */
const write = (file, { outputText, sourceMapText }) => {
  const partial = `${file}.${process.pid}`;
  writeFileSync(`${partial}.js.map`, sourceMapText);
  writeFileSync(`${partial}.js`, outputText);
  keep(`${partial}.js`, file);
};

const keep = (output, file) => {
  for (const ending of ENDINGS) renameSync(output.replace(/\.js$/, ending), file + ending);
};

module.exports = { create, findTranspiled };
