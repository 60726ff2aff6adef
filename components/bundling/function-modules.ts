/** Bundles the modules that callbacks require, each with all that it imports. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import * as esbuild from "esbuild";

/** Bundled sources, by the path of the module without its extension ("functions/webhook"). */
type Bundles = Readonly<Record<string, string>>;

interface CachedBundle {
  /** A hash of everything that affects all bundles. */
  options: string;
  /** The hash of each source file, by its path in the project. Packages are covered by the lock file. */
  sources: Record<string, string>;
  text: string;
}

interface Built {
  bundles: Bundles;
  /** The project's files that the bundles are made of, absolute paths. */
  sources: string[];
}

const root = join(__dirname, "../..");

/** Folders of the modules that a callback may require, as subpath imports: `require("#functions/webhook")`. */
const ENTRY_FOLDERS = ["functions", "subscribers"];
/** Only these can be required by a callback, so only these are bundled. */
const EXPORTS_CREATE = /^export (?:\{[^}]*\bcreate\b|(?:const|(?:async )?function) create\b)/m;
/** File times may lag behind the clock by this much. */
const CLOCK_TICK_MS = 20;
const bundlesFolder = join(root, "dist", "bundles");

/** Bundles the command that the dibs API serves as text, not as code. */
const commandAsText: esbuild.Plugin = {
  name: "command-as-text",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]dibs-cli[\\/]slack-fanout\.mjs$/ }, ({ path }) => ({ contents: readFileSync(path, "utf8"), loader: "text" })),
};

const buildOptions = {
  bundle: true,
  minify: true,
  platform: "node",
  format: "cjs",
  // The oldest Node.js that a laptop may have. Lambda's is newer.
  target: "node20.19",
  mainFields: ["module", "main"],
  sourcemap: "external",
  sourcesContent: false,
  legalComments: "none",
  charset: "utf8",
  loader: { ".ttf": "binary" },
  // The SDK imports node:https on its first call. `require` is faster on a cold start than Node's ESM loader.
  supported: { "dynamic-import": false },
} satisfies esbuild.BuildOptions;

/** Modules that no callback needs, and their replacements. */
const REPLACED_MODULES = {
  "@aws-sdk/credential-provider-node": "./stores/environment-credentials.ts",
  "@modelcontextprotocol/server/_shims": "./functions/gateway/json-schema-validator.ts",
};

/** Files inside the SDK, which are not modules of their own, and their replacements. */
const REPLACED_FILES: [file: RegExp, contents: string][] = [
  [/[\\/]node-config-provider[\\/]configLoader\.js$/, 'export { loadConfig } from "./stores/environment-config.ts";'],
  // No command of DynamoDB discovers its endpoint. The cache of endpoints takes a fortieth of a door's archive.
  [/[\\/]resolveEndpointDiscoveryConfig\.js$/, "export const resolveEndpointDiscoveryConfig = input => input;"],
  // The SDK mentions the global `ReadableStream`, which Node.js loads when it is first used: two milliseconds of a cold start.
  [
    /[\\/]stream-type-check\.js$/,
    `const isA = name => value => value?.constructor?.name === name;
     export const isReadableStream = isA("ReadableStream");
     export const isBlob = isA("Blob");`,
  ],
];

/**
 * Replaces files inside the SDK, and leaves out what the SDK requires once a service answers with a stream of events, which none of ours does. If it were
 * in a bundle, esbuild could not remove other unused code.
 */
const lessOfTheSdk: esbuild.Plugin = {
  name: "less-of-the-sdk",
  setup: ({ onLoad, onResolve }) => {
    for (const [filter, contents] of REPLACED_FILES) onLoad({ filter }, () => ({ contents, resolveDir: root }));
    onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

/**
 * Bundles the modules whose sources have changed in one call of esbuild (one call per module takes five times as long), and takes the others
 * from the cache. Source maps are kept beside the cache, and never go into an archive.
 */
const buildModules = async (cacheFolder = bundlesFolder): Promise<Built> => {
  const options = hashOf(
    JSON.stringify([buildOptions, esbuild.version]),
    readFileSync(join(root, "package-lock.json")),
    readFileSync(__filename),
  );
  const hashes = new Map<string, string | undefined>();
  const startedMs = Date.now() - CLOCK_TICK_MS;
  const known = new Map(listModules().map(module => [module, readCached(cacheFolder, module)]));
  const isCurrent = (cached: CachedBundle | undefined) =>
    cached?.options === options && Object.entries(cached.sources).every(([file, hash]) => hashOfFile(file, hashes) === hash);
  const stale = [...known].filter(([, cached]) => !isCurrent(cached)).map(([module]) => module);
  if (stale.length > 0) {
    const { outputFiles, metafile } = await bundleModules(stale.map(module => `${module}.ts`));
    for (const module of stale) {
      const [text, map] = [".js", ".js.map"].map(ending => outputFiles.find(({ path }) => path === join(OUTPUT_FOLDER, module + ending))!);
      const sources = Object.fromEntries(listSources(metafile, `${module}.ts`).map(file => [file, hashOfBuilt(file, hashes, startedMs)]));
      const cached: CachedBundle = { options, sources, text: text!.text };
      write(join(cacheFolder, `${module}.js.map`), map!.contents);
      write(join(cacheFolder, `${module}.json`), JSON.stringify(cached));
      known.set(module, cached);
    }
  }
  return {
    bundles: Object.fromEntries([...known].map(([module, cached]) => [module, cached!.text])),
    sources: [...new Set([...known.values()].flatMap(cached => Object.keys(cached!.sources)))].map(file => join(root, file)),
  };
};

let building: Promise<Bundles> | undefined;

/** Builds the modules once per process. All callbacks of a run of the program share the bundles. */
const buildOnce = () => {
  building ??= buildModules().then(({ bundles }) => bundles);
  return building;
};

const listModules = (): string[] =>
  ENTRY_FOLDERS.flatMap(filesBelow)
    .filter(file => EXPORTS_CREATE.test(readFileSync(file, "utf8")))
    .map(file => relative(root, file).replace(/\.ts$/, ""));

const readCached = (folder: string, module: string): CachedBundle | undefined => {
  const file = join(folder, `${module}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as CachedBundle) : undefined;
};

/** The output folder for esbuild. Nothing is written there; it only gives the outputs their names. */
const OUTPUT_FOLDER = join(root, "dist", "out");

const bundleModules = (entryPoints: string[]) =>
  runEsbuild({
    ...buildOptions,
    entryPoints,
    outdir: OUTPUT_FOLDER,
    outbase: root,
    alias: REPLACED_MODULES,
    plugins: [commandAsText, lessOfTheSdk],
  });

// esbuild's process collects garbage less often. That saves a quarter of a first build's processor time, and takes a tenth more memory.
process.env["GOGC"] ??= "400";

let builds = 0;

/** Runs a build in the project's folder. Returns the files. */
const runEsbuild = async (options: esbuild.BuildOptions) => {
  builds += 1;
  try {
    return await esbuild.build({ ...options, absWorkingDir: root, metafile: true, write: false, logLevel: "silent" });
  } finally {
    builds -= 1;
    // The service of esbuild would hold 90 MB until the program ends. All builds share it.
    if (builds === 0) await esbuild.stop();
  }
};

/** The project's files that a module imports, directly or not, and the module itself. Packages import some of them: the replaced modules. */
const listSources = ({ inputs }: esbuild.Metafile, entry: string): string[] => {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file) || inputs[file] === undefined) return;
    found.add(file);
    for (const { path } of inputs[file].imports) visit(path);
  };
  visit(entry);
  return [...found].filter(file => !/(^|\/)node_modules\//.test(file));
};

/** Reads each file once. Undefined if it does not exist. */
const hashOfFile = (file: string, hashes: Map<string, string | undefined>): string | undefined => {
  const path = join(root, file);
  if (!hashes.has(file)) hashes.set(file, existsSync(path) ? hashOf(readFileSync(path)) : undefined);
  return hashes.get(file);
};

/** A source that was edited during the build gets a hash that never matches, because esbuild may have read it before the edit. */
const hashOfBuilt = (file: string, hashes: Map<string, string | undefined>, startedMs: number): string => {
  const { ctimeMs } = statSync(join(root, file), { throwIfNoEntry: false }) ?? { ctimeMs: Infinity };
  return ctimeMs < startedMs ? hashOfFile(file, hashes)! : "";
};

const hashOf = (...parts: (string | Buffer)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
};

/** A hash of everything that affects what is built from these folders. */
const fingerprint = (folders: string[]): string => {
  const files = [...folders.flatMap(filesBelow), join(root, "package-lock.json"), __filename];
  return hashOf(JSON.stringify([buildOptions, esbuild.version]), ...files.flatMap(file => [relative(root, file), readFileSync(file)]));
};

const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(file => file.endsWith(".ts"))
    .sort()
    .map(file => join(root, folder, file));

/** Writes atomically, because two programs may build at the same time. */
const write = (file: string, contents: string | Uint8Array) => {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, contents);
  renameSync(partial, file);
};

export type { Built, Bundles };
export { buildModules, buildOnce, buildOptions, bundlesFolder, filesBelow, fingerprint, root, runEsbuild, write };
