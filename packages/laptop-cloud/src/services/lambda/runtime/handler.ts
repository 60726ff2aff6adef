import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { confineImports } from "./artefact-modules";
import { toRuntimeFailure } from "./failure";
import type { Failure, Initialise } from "./protocol";

type Handler = (event: unknown, context: object, callback: (error: unknown, result?: unknown) => void) => unknown;

/** The module could not be loaded or has no such export. */
class InitError extends Error {
  override name = "InitError";
  constructor(readonly failure: Failure) {
    super(failure.errorMessage);
  }
}

/** Loads "path/module.export" below the artefact's root. Throws `InitError`. */
const loadHandler = async ({ taskRoot, sdkFolders, handler }: Initialise): Promise<Handler> => {
  const [moduleName, ...path] = basename(handler).split(".");
  if (!moduleName || path.length === 0) throw new InitError({ errorType: "Runtime.MalformedHandlerName", errorMessage: "Bad handler" });
  const base = resolve(taskRoot, dirname(handler), moduleName);
  const exported = path.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | undefined)?.[name],
    await load(taskRoot, base, sdkFolders),
  );
  if (typeof exported === "function") return exported as Handler;
  const problem = exported === undefined ? "is undefined or not exported" : "is not a function";
  throw new InitError({ errorType: "Runtime.HandlerNotFound", errorMessage: `${handler} ${problem}`, trace: [] });
};

const load = async (taskRoot: string, base: string, sdkFolders: string[]): Promise<unknown> => {
  try {
    const file = [base, `${base}.js`, `${base}.mjs`, `${base}.cjs`].find(existsSync);
    const require = createRequire(join(taskRoot, "runtime"));
    if (file === undefined) throw notFound(base);
    if (!file.endsWith(".mjs")) {
      try {
        return require(file);
      } catch (error) {
        // A module with a top-level await, or any on a Node that can't `require` them.
        if (!["ERR_REQUIRE_ESM", "ERR_REQUIRE_ASYNC_MODULE"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      }
    }
    confineImports(taskRoot, sdkFolders);
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new InitError(describe(error));
  }
};

const notFound = (base: string) => Object.assign(new Error(`Cannot find module '${basename(base)}'`), { code: "MODULE_NOT_FOUND" });

/** Error types of Lambda's Node runtime. Errors that the module itself throws keep theirs. */
const describe = (error: unknown): Failure => {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND") return toRuntimeFailure("Runtime.ImportModuleError", error);
  if (error instanceof SyntaxError) return toRuntimeFailure("Runtime.UserCodeSyntaxError", error);
  return toRuntimeFailure((error as Error | undefined)?.name || "Error", error);
};

export type { Handler };
export { InitError, loadHandler };
