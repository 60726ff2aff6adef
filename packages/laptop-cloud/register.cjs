/**
 * Loads TypeScript as ts-node does, which Pulumi's own host registers, but from a cache and with TypeScript's native compiler. That saves most of a
 * first start, and half a second of each later one (ADR 76, ADR 81). What only ts-node can load is left to it.
 */
const { existsSync, readFileSync } = require("node:fs");
const inspector = require("node:inspector");
const Module = require("node:module");
const { extname, join } = require("node:path");
const { findTranspiled } = require("./transpiler.cjs");

const { node } = process.versions;
const [major, minor] = node.split(".").map(Number);

// Packages are ES modules, which older versions can't require. Keep this in step with `engines` in package.json.
if (!(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19))) {
  console.error(`This needs Node.js 22.12 or later, or 20.19 or later of version 20, and this is Node.js ${node}.`);
  process.exit(1);
}

// Node.js 22 keeps compiled code, which saves a tenth of each start. Version 20 can't.
Module.enableCompileCache?.(join(__dirname, "dist", "compiled"));

/** The program may change its working directory before ts-node looks for tsconfig.json. */
const cwd = process.cwd();

/** What only ts-node knows: a base of tsconfig.json, .tsx and .js files, and its own options, except for the one that is set here anyway. */
const NEEDS_TS_NODE = /"(?:extends|jsx|allowJs)"|"ts-node"\s*:(?!\s*\{\s*"transpileOnly"\s*:\s*true\s*\})/;

/** The text of tsconfig.json, unless it or variables need ts-node. */
const readOptions = () => {
  if (Object.keys(process.env).some(name => name.startsWith("TS_NODE_")) || !existsSync("tsconfig.json")) return undefined;
  const text = readFileSync("tsconfig.json", "utf8");
  return NEEDS_TS_NODE.test(text) ? undefined : text;
};

const registerTsNode = options => {
  const transpiler = require.resolve("./transpiler.cjs");
  require("ts-node").register({
    cwd,
    transpileOnly: true,
    transpiler: options === undefined ? transpiler : [transpiler, { project: cwd, options }],
  });
};

const TYPESCRIPT = [".ts", ".cts"];

const registerCache = options => {
  const sourceMaps = new Map();
  require("@cspotcode/source-map-support").install({
    environment: "node",
    retrieveSourceMap: file => {
      // It may be gone by the time that a process which has run for a month prints an error.
      if (!existsSync(sourceMaps.get(file) ?? "")) return null;
      // The cache does not know the folder of its sources.
      return { url: file, map: { ...JSON.parse(readFileSync(sourceMaps.get(file), "utf8")), sources: [file], sourceRoot: "" } };
    },
  });
  const load = (module, file) => {
    const found = findTranspiled({ project: cwd, options }, file, readFileSync(file, "utf8"));
    if (found === undefined) {
      // ts-node would call this function instead of Node's own.
      for (const extension of TYPESCRIPT) delete require.extensions[extension];
      // ts-node wraps handlers of others, too, and then refuses ES modules, which a program's own handler may load.
      const others = { ...require.extensions };
      registerTsNode(options);
      // It loads .cts files as .js files.
      Object.assign(require.extensions, { ".cts": require.extensions[".js"] }, others);
      require.extensions[extname(file)](module, file);
      return;
    }
    sourceMaps.set(file, found.sourceMap);
    module._compile(found.outputText, file);
  };
  for (const extension of TYPESCRIPT) require.extensions[extension] = load;
};

const options = readOptions();
// Debuggers need the source maps that ts-node adds to the code.
if (options === undefined || inspector.url() !== undefined) registerTsNode(options);
else registerCache(options);
