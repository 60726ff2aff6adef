import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CloudOptions, startCloud } from "../cloud";
import type { Declared, Place, ServiceDefinition } from "../kernel/service";
import { declareAll } from "./declare-all";
import { createDirectClient } from "./direct-client";

interface LaptopOptions {
  definitions: ServiceDefinition[];
  resources?: Declared[] | ((place: Place) => Declared[]);
  region?: string;
  /** Kept when given; otherwise a fresh folder, removed at the end. */
  directory?: string;
  exceptions?: CloudOptions["exceptions"];
  inspection?: CloudOptions["inspection"];
  fallbackUrl?: string;
  runtimes?: CloudOptions["runtimes"];
}

/**
 * Starts a laptop cloud with hand-written resources on free ports. `client` is the configuration of any stock SDK client; with `directClient`,
 * clients of DynamoDB and SQS need no HTTP.
 */
const startLaptop = async ({
  definitions,
  resources = [],
  directory,
  region = "us-east-1",
  exceptions,
  inspection,
  fallbackUrl,
  runtimes,
}: LaptopOptions) => {
  const folder = directory ?? (await mkdtemp(join(tmpdir(), "slack-fanout-test-")));
  const removeFolder = async () => {
    if (directory === undefined) await rm(folder, { recursive: true, force: true });
  };
  const cloud = await startCloud({
    directory: folder,
    port: 0,
    awsPort: 0,
    exceptions,
    inspection,
    fallbackUrl,
    runtimes,
    region,
    definitions,
    declare: async place => declareAll(definitions, place, typeof resources === "function" ? resources(place) : resources),
  }).catch(async error => {
    await removeFolder();
    throw error;
  });
  return {
    cloud,
    directory: folder,
    client: { endpoint: cloud.place.awsUrl, region: cloud.place.region, credentials: { accessKeyId: "test", secretAccessKey: "test" } },
    directClient: createDirectClient(cloud, definitions),
    stop: async () => {
      await cloud.stop();
      await removeFolder();
    },
  };
};

export { startLaptop };
