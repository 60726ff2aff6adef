import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import * as esbuild from "esbuild";
import { buildOptions, bundlesFolder, fingerprint, root, write } from "./function-modules";

interface WorkerImageArgs {
  /** Folder of `worker.ts` and `Dockerfile`, relative to the project's root. */
  folder: string;
}

/** Folders with the sources of the worker. */
const SHARED_FOLDERS = ["core", "stores"];

/** An image of a Node.js worker in a repository of its own: a Dockerfile and one bundled file, `worker.js`. */
class WorkerImage extends pulumi.ComponentResource {
  /** Includes the digest of the image. */
  readonly uri: pulumi.Output<string>;
  readonly repositoryArn: pulumi.Output<string>;

  constructor(name: string, { folder }: WorkerImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:ecr:WorkerImage", name, {}, opts);
    const child = { parent: this };

    // Images can be rebuilt at any time.
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
 * Turns `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME` into an ARN. Under Pulumi's mocks a remote component has no outputs, or made-up ones; the
 * ARN is then empty.
 */
const arnOfRepository = (url: string | undefined, partition: string): string => {
  const [, account, region = "", name] = /^(\d+)\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+\/(.+)$/.exec(url ?? "") ?? [];
  return name === undefined ? "" : `arn:${partition}:ecr:${region}:${account}:repository/${name}`;
};

/**
 * Creates the build context of the image, the same for the same sources. Returns its path relative to the project's root, so that the
 * stack's state contains no path of this machine.
 */
const buildContext = (folder: string): string => {
  const context = join("dist", folder);
  const bundle = join(bundlesFolder, `${folder}-${fingerprint([folder, ...SHARED_FOLDERS])}.js`);
  if (!existsSync(bundle)) write(bundle, bundleWorker(folder));
  place(bundle, join(root, context, "worker.js"));
  place(join(root, folder, "Dockerfile"), join(root, context, "Dockerfile"));
  return `./${context}`;
};

/**
 * Bundles the worker. Unlike functions, it keeps the default credential chain, because on Fargate credentials come from an endpoint. It
 * builds in a separate process: the build of the callbacks stops the service of esbuild that both would share.
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

/** Copies changed files only, because a worker may be running from this folder. */
const place = (from: string, to: string) => {
  const contents = readFileSync(from);
  if (!existsSync(to) || !readFileSync(to).equals(contents)) write(to, contents);
};

export type { WorkerImageArgs };
export { arnOfRepository, WorkerImage };
