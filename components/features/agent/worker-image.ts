import * as aws from "@pulumi/aws";
import * as ecr from "@pulumi/awsx/ecr";
import * as pulumi from "@pulumi/pulumi";
import { buildContext } from "../../bundling/worker-context";

interface WorkerImageArgs {
  /** Folder of `worker.ts` and `Dockerfile`, relative to the project's root. */
  folder: string;
}

/** An image of a Node.js worker in a repository of its own: a Dockerfile and one bundled file, `worker.js`. */
class WorkerImage extends pulumi.ComponentResource {
  /** Includes the digest of the image. */
  readonly uri: pulumi.Output<string>;
  readonly repositoryArn: pulumi.Output<string>;

  constructor(name: string, { folder }: WorkerImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:ecr:WorkerImage", name, {}, opts);
    const child = { parent: this };

    // Images can be rebuilt at any time.
    const repository = new ecr.Repository(name, { forceDelete: true }, child);
    const { partition } = aws.getPartitionOutput({}, child);
    this.repositoryArn = pulumi.all([repository.url, partition]).apply(([url, partition]) => arnOfRepository(url, partition));

    const context = pulumi.output(buildContext(folder)).context;
    this.uri = new ecr.Image(
      name,
      { repositoryUrl: repository.url, context, dockerfile: pulumi.interpolate`${context}/Dockerfile`, platform: "linux/arm64" },
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

export { arnOfRepository, WorkerImage };
