import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { dirname, join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import type { Initialise } from "./protocol";

/** The parts of Node's loader that are used here. They are stable since Node 0.x, but missing in its types. */
interface Loader {
  _resolveFilename(request: string, ...rest: unknown[]): string;
  prototype: { _compile(this: NodeModule, content: string, filename: string, format?: string): unknown };
}
const loader = Module as unknown as Loader;

/** An import statement, or an `import()` of anything but a built-in module. */
const importing = /^\s*import\s|\bimport\s*\((?!\s*["']node:)/m;

/**
 * `import("node:http")`, which every bundle with an SDK client contains. In code from V8's cache, `import()` fails on Node 20
 * (ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING), so these calls are replaced by calls of `importBuiltIn`. The replacement is as long as
 * `import`, so the columns in stack traces stay correct.
 */
const builtInImport = /\bimport(\s*\(\s*["']node:)/g;
const builtInImportName = "$imprt";
const importBuiltIn = (specifier: string): Promise<unknown> => import(specifier);

/** Scripts whose cache is missing or damaged, or was rejected by V8 (another version or other flags). It is written again. */
const uncached: { script: Script; path: string }[] = [];

/** The AWS SDK, which Lambda's Node runtimes include ("Building Lambda functions with Node.js"). */
const runtimePackage = /^@(?:aws-sdk|smithy)\//;

/**
 * Restricts a function to its own artefact, Node's built-in modules and the AWS SDK, as on Lambda, where no parent folder has modules.
 * The artefact's own copy of the SDK takes precedence over the ones in `sdkFolders`.
 */
const confineModules = (taskRoot: string, sdkFolders: string[]) => {
  const resolve = loader._resolveFilename;
  loader._resolveFilename = (request, parent, ...rest) => {
    const from = (parent as { filename?: string } | undefined)?.filename;
    // Without a parent the request comes from `import`, which is confined separately. The SDK outside resolves its own dependencies.
    if (from === undefined || !isInside(taskRoot, from)) return resolve(request, parent, ...rest);
    const found = whereFound(() => resolve(request, parent, ...rest));
    if (found !== undefined && (Module.isBuiltin(found) || isInside(taskRoot, found))) return found;
    const isOfRuntime = runtimePackage.test(request);
    const ofRuntime = isOfRuntime ? whereFound(() => resolve(request, undefined, false, { paths: sdkFolders })) : undefined;
    if (ofRuntime !== undefined) return ofRuntime;
    const hint = isOfRuntime ? ", which AWS's runtime brings along: on the laptop it has to be installed in the program's folder" : "";
    const error = new Error(`Cannot find module '${request}'${hint}\nRequire stack:\n- ${from}`);
    throw Object.assign(error, { code: "MODULE_NOT_FOUND", requireStack: [from] });
  };
};

const whereFound = (resolve: () => string): string | undefined => {
  try {
    return resolve();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
};

const isInside = (folder: string, filename: string) => filename.startsWith(folder + sep);

let importsConfined = false;

/** The same for ECMAScript modules. It starts a thread, which takes 30 ms, so it runs only if the artefact contains any. */
const confineImports = (taskRoot: string, sdkFolders: string[]) => {
  if (importsConfined) return;
  importsConfined = true;
  const hooks = `
    let root, sdk;
    export const initialize = data => { ({ root, sdk } = data); };
    const isOwn = found => found !== undefined && (!found.url.startsWith("file:") || found.url.startsWith(root));
    const attempt = (specifier, context, next) => next(specifier, context).catch(error => {
      if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    });
    export const resolve = async (specifier, context, next) => {
      if (context.parentURL?.startsWith("file:") && !context.parentURL.startsWith(root)) return next(specifier, context);
      const found = await attempt(specifier, context, next);
      if (isOwn(found)) return found;
      for (const parentURL of ${runtimePackage}.test(specifier) ? sdk : []) {
        const ofRuntime = await attempt(specifier, { ...context, parentURL }, next);
        if (ofRuntime !== undefined) return ofRuntime;
      }
      throw Object.assign(new Error("Cannot find package '" + specifier + "' imported from " + context.parentURL), { code: "ERR_MODULE_NOT_FOUND" });
    };`;
  const data = { root: pathToFileURL(`${taskRoot}/`).href, sdk: sdkFolders.map(folder => pathToFileURL(join(folder, "runtime")).href) };
  Module.register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data });
};

/**
 * Compiles the artefact's CommonJS modules through V8's code cache: a bundle of 300 KB loads in half the time.
 *
 * Node has this built in since 22.1 (`module.enableCompileCache`), but this must also run on Node 20.
 */
const cacheCompilation = ({ taskRoot, cacheDirectory, sdkFolders }: Initialise) => {
  const compile = loader.prototype._compile;
  loader.prototype._compile = function (content, filename, format) {
    if (!isInside(taskRoot, filename)) return compile.call(this, content, filename, format);
    if (format === "module" || importing.test(content)) {
      confineImports(taskRoot, sdkFolders);
      return compile.call(this, content, filename, format);
    }
    // Beside the artefact, because V8's cache contains the file's path, which stack traces show.
    const name = createHash("sha256").update(filename.slice(taskRoot.length)).digest("hex").slice(0, 16);
    const script = compileScript(content, filename, join(cacheDirectory, name));
    if (script === undefined) return compile.call(this, content, filename, format);
    const run = script.runInThisContext() as (...parameters: unknown[]) => unknown;
    return run.call(this.exports, this.exports, Module.createRequire(filename), this, filename, dirname(filename), importBuiltIn);
  };
};

/** Returns nothing if the file is not CommonJS: Node then reports the error, or loads it as an ECMAScript module. */
const compileScript = (content: string, filename: string, path: string): Script | undefined => {
  try {
    const body = content.replace(/^#!.*/, "").replace(builtInImport, (_, specifier) => builtInImportName + specifier);
    const script = new Script(`(function (exports, require, module, __filename, __dirname, ${builtInImportName}) {\n${body}\n})`, {
      filename,
      // The wrapper adds a line before the file's first. Stack traces must show the file's line numbers.
      lineOffset: -1,
      cachedData: readCompiled(path),
    });
    if (script.cachedDataRejected !== false) uncached.push({ script, path });
    return script;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Reads what `saveCompilation` has stored. V8 does not check the code itself: a damaged file would end the process. */
const readCompiled = (path: string): Buffer | undefined => {
  try {
    const sealed = readFileSync(path);
    const code = sealed.subarray(DIGEST_BYTES);
    return digest(code).equals(sealed.subarray(0, DIGEST_BYTES)) ? code : undefined;
  } catch {
    // It is missing, or can't be read.
    return undefined;
  }
};

/**
 * Stores the code that V8 has compiled so far. That is more than after loading, because functions are compiled at their first call. Does nothing if the
 * disk is full, for example.
 */
const saveCompilation = () => {
  for (const { script, path } of uncached.splice(0)) {
    const unfinished = `${path}.${process.pid}`;
    try {
      mkdirSync(dirname(path), { recursive: true });
      const code = script.createCachedData();
      writeFileSync(unfinished, Buffer.concat([digest(code), code]));
      renameSync(unfinished, path);
    } catch {
      // The next process compiles the code itself.
    }
  }
};

const digest = (code: Buffer): Buffer => createHash("sha256").update(code).digest();

/** Of SHA-256. */
const DIGEST_BYTES = 32;

export { cacheCompilation, confineImports, confineModules, saveCompilation };
