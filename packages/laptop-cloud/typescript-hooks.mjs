/** Hooks of Node.js that load ECMAScript modules in TypeScript. */
import ts from "typescript";

const COMPILER_OPTIONS = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, inlineSourceMap: true };

/** In TypeScript, `./file.js` may stand for `./file.ts`. */
export const resolve = async (specifier, context, next) => {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND" || !/^\..*\.m?js$/.test(specifier)) throw error;
    return next(specifier.replace(/js$/, "ts"), context);
  }
};

export const load = async (url, context, next) => {
  if (!/^file:.*\.m?ts$/.test(url)) return next(url, context);
  const { source } = await next(url, { ...context, format: "module" });
  const { outputText } = ts.transpileModule(Buffer.from(source).toString(), { fileName: url, compilerOptions: COMPILER_OPTIONS });
  return { format: "module", source: outputText };
};
