import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import * as esbuild from "esbuild";
import { buildOptions, bundlesFolder, fingerprint, root, write } from "./bundle";

interface WorkerImageArgs {
  /** The worker's folder, from the project's root: its entry `worker.ts` and its `Dockerfile`. */
  folder: string;
}

/** What the worker's modules import, apart from packages. */
const sharedFolders = ["core", "stores"];

/** An image of a Node.js worker in a repository of its own: a Dockerfile and one bundled file, `worker.js`. */
class WorkerImage extends pulumi.ComponentResource {
  /** With the digest of what was built. */
  readonly uri: pulumi.Output<string>;
  readonly repositoryArn: pulumi.Output<string>;

  constructor(name: string, { folder }: WorkerImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:ecr:WorkerImage", name, {}, opts);
    const child = { parent: this };

    // An image can be built again at any time.
    const repository = new awsx.ecr.Repository(name, { forceDelete: true }, child);
    const { partition } = aws.getPartitionOutput({}, child);
    this.repositoryArn = pulumi.all([repository.url, partition]).apply(([url, partition]) => arnOfRepository(url, partition));

    const context = buildContext(folder);
    this.uri = new awsx.ecr.Image(
      name,
      { repositoryUrl: repository.url, context, dockerfile: `${context}/Dockerfile`, platform: "linux/arm64" },
      child,
    ).imageUri;
    this.registerOutputs({});
  }
}

/**
 * Turns `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME` into an ARN. The engine knows no other; under Pulumi's mocks a remote component has
 * no outputs, whatever its types say, or those of the mocks' making: there is no repository then, and the ARN is empty.
 */
const arnOfRepository = (url: string | undefined, partition: string): string => {
  const [, account, region = "", name] = /^(\d+)\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+\/(.+)$/.exec(url ?? "") ?? [];
  return name === undefined ? "" : `arn:${partition}:ecr:${region}:${account}:repository/${name}`;
};

/**
 * Makes the folder that the image is built from, the same for the same sources, and returns its path from the project's root: nothing
 * of this machine gets into the stack's state.
 */
const buildContext = (folder: string): string => {
  const context = join("dist", folder);
  const bundle = join(bundlesFolder, `${folder}-${fingerprint([folder, ...sharedFolders])}.js`);
  if (!existsSync(bundle)) write(bundle, bundleWorker(folder));
  place(bundle, join(root, context, "worker.js"));
  place(join(root, folder, "Dockerfile"), join(root, context, "Dockerfile"));
  return `./${context}`;
};

/**
 * Bundles the worker. Unlike a function's, its AWS clients keep the default chain of credentials: on Fargate they come from an endpoint.
 * Synchronously, which takes a process of its own: the callbacks' build ends the service that both would share.
 */
const bundleWorker = (folder: string): Uint8Array => {
  const { outputFiles } = esbuild.buildSync({
    ...buildOptions,
    sourcemap: false,
    entryPoints: [join(folder, "worker.ts")],
    absWorkingDir: root,
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]!.contents;
};

/** Copies what has changed: a worker may be running from what is there. */
const place = (from: string, to: string) => {
  const contents = readFileSync(from);
  if (!existsSync(to) || !readFileSync(to).equals(contents)) write(to, contents);
};

export type { WorkerImageArgs };
export { arnOfRepository, WorkerImage };
