import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as esbuild from "esbuild";
import "./no-glob";

/** Bundled sources, by the path of the module without its extension ("functions/webhook"). */
type Bundles = Readonly<Record<string, string>>;

const root = join(__dirname, "..");

/** Folders of the modules that a callback may require, as subpath imports: `require("#functions/webhook")`. */
const ENTRY_FOLDERS = ["functions", "subscribers"];
const SOURCE_FOLDERS = [...ENTRY_FOLDERS, "core", "stores"];
const bundlesFolder = join(root, "dist", "bundles");
/** Only these can be required by a callback, so only these are bundled. */
const EXPORTS_CREATE = /^export (?:\{[^}]*\bcreate\b|(?:const|(?:async )?function) create\b)/m;
const REQUIRED_MODULE = /require\((["'])#((?:functions|subscribers)\/[\w/-]+)\1\)/g;

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

/**
 * Builds the archive of each callback: the serialized wiring, and one bundled file for each module that the wiring requires. Replaces what
 * Pulumi would capture and package.
 *
 * Applies to every `aws.lambda.CallbackFunction` that is created later (its archive has an `__index.js`), and to no other function. Refuses
 * code that Pulumi marks as secret, because the mark, and the encryption of the state, would be lost.
 */
const bundleCallbacks = (build: () => Promise<Bundles> = buildOnce) => {
  // Starts now, so that esbuild's process works while the program runs. Whoever awaits the bundles hears of a failure.
  build().catch(() => undefined);
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    if (type !== "aws:lambda/function:Function" || props["code"] === undefined) return undefined;
    const code = pulumi.output(props["code"] as pulumi.Input<pulumi.asset.Archive>);
    return { props: { ...props, code: code.apply(archive => bundleArchive(name, code, archive, build)) }, opts };
  });
};

const bundleArchive = async (
  name: string,
  code: pulumi.Output<pulumi.asset.Archive>,
  archive: pulumi.asset.Archive,
  build: () => Promise<Bundles>,
): Promise<pulumi.asset.Archive> => {
  const assets = await (archive as pulumi.asset.AssetArchive).assets;
  const wiring = assets?.["__index.js"];
  if (wiring === undefined) return archive;
  if (await pulumi.isSecret(code)) {
    throw new pulumi.RunError(
      `The callback of "${name}" captures a secret. Hand secrets over as environment variables, not through the closure.`,
    );
  }
  const text = await (wiring as pulumi.asset.StringAsset).text;
  const bundles = await build();
  const modules = new Map<string, string>();
  const wired = text.replace(REQUIRED_MODULE, (_, quote: string, module: string) => {
    const bundle = bundles[module];
    if (bundle === undefined) {
      throw new pulumi.RunError(`The callback of "${name}" requires #${module}: there is no file ${module}.ts that exports \`create\`.`);
    }
    modules.set(module, bundle);
    return `require(${quote}./${module}.js${quote})`;
  });
  return new pulumi.asset.AssetArchive({
    "__index.js": new pulumi.asset.StringAsset(wired),
    ...Object.fromEntries([...modules].map(([module, bundle]) => [`${module}.js`, new pulumi.asset.StringAsset(bundle)])),
  });
};

/** Modules that no callback needs, and their replacements. */
const REPLACED_MODULES = {
  "@aws-sdk/credential-provider-node": "./stores/environment-credentials.ts",
  "@modelcontextprotocol/server/_shims": "./functions/gateway/json-schema-validator.ts",
};

let building: Promise<Bundles> | undefined;

/** All callbacks of a run share one build. */
const buildOnce = () => {
  building ??= buildBundles();
  return building;
};

/**
 * Bundles all modules in one call of esbuild (one call per module takes five times as long), or reuses the bundles of an earlier run with
 * the same sources. Source maps are kept in `dist/`, beside the cache, and never go into an archive.
 */
const buildBundles = async (cacheFolder = bundlesFolder): Promise<Bundles> => {
  const cached = join(cacheFolder, `${fingerprint(SOURCE_FOLDERS)}.json`);
  if (existsSync(cached)) return JSON.parse(readFileSync(cached, "utf8")) as Bundles;
  const outputs = await runEsbuild();
  const bundles = Object.fromEntries(outputs.filter(({ path }) => path.endsWith(".js")).map(({ path, text }) => [moduleOf(path), text]));
  for (const { path, contents } of outputs.filter(output => output.path.endsWith(".map")))
    write(join(cacheFolder, relative(OUTPUT_FOLDER, path)), contents);
  write(cached, JSON.stringify(bundles));
  return bundles;
};

/** The output folder for esbuild. Nothing is written there; it only gives the outputs their names. */
const OUTPUT_FOLDER = join(root, "dist", "out");

const runEsbuild = async (): Promise<esbuild.OutputFile[]> => {
  try {
    const result = await esbuild.build({
      ...buildOptions,
      entryPoints: ENTRY_FOLDERS.flatMap(filesBelow).filter(file => EXPORTS_CREATE.test(readFileSync(file, "utf8"))),
      outdir: OUTPUT_FOLDER,
      outbase: root,
      absWorkingDir: root,
      write: false,
      alias: REPLACED_MODULES,
      logLevel: "silent",
    });
    return result.outputFiles;
  } finally {
    // The service of esbuild would hold 90 MB until the program ends.
    await esbuild.stop();
  }
};

const moduleOf = (path: string) => relative(OUTPUT_FOLDER, path).replace(/\.js$/, "");

/** A hash of everything that affects the bundles of these folders. */
const fingerprint = (folders: string[]) => {
  const hash = createHash("sha256").update(JSON.stringify([buildOptions, esbuild.version]));
  for (const file of [...folders.flatMap(filesBelow), join(root, "package-lock.json"), __filename]) {
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
};

const filesBelow = (folder: string) =>
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

export type { Bundles };
export { buildBundles, buildOptions, bundleCallbacks, bundlesFolder, fingerprint, root, write };
