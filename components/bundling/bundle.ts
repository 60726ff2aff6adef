import * as pulumi from "@pulumi/pulumi";
import { type Bundles, buildOnce } from "./function-modules";
import "../wiring/no-glob";

const REQUIRED_MODULE = /require\((["'])#((?:functions|subscribers)\/[\w/-]+)\1\)/g;

/**
 * Builds the archive of each callback: the serialized wiring, and one bundled file for each module that the wiring requires. Replaces what
 * Pulumi would capture and package.
 *
 * Applies to every `aws.lambda.CallbackFunction` that is created later (its archive has an `__index.js`), and to no other function. Refuses
 * code that Pulumi marks as secret, because the mark, and the encryption of the state, would be lost.
 */
const bundleCallbacks = (build: () => Promise<Bundles> = buildOnce) => {
  // Starts now, so that esbuild's process works while the program runs. Awaiting the bundles throws if it fails.
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

export { bundleCallbacks };
