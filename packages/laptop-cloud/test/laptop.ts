import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CloudOptions, startCloud } from "../src/cloud";
import type { Declared, Place, ServiceDefinition } from "../src/kernel/service";
import { declareAll } from "./declare-all";

interface LaptopOptions {
  definitions: ServiceDefinition[];
  resources?: Declared[] | ((place: Place) => Declared[]);
  region?: string;
  /** Kept when given; otherwise a fresh folder, removed at the end. */
  directory?: string;
  exceptions?: CloudOptions["exceptions"];
  inspection?: CloudOptions["inspection"];
  fallbackUrl?: string;
}

/** Starts a laptop cloud with hand-written resources on free ports. `client` is the configuration of any stock SDK client. */
const startLaptop = async ({
  definitions,
  resources = [],
  directory,
  region = "us-east-1",
  exceptions,
  inspection,
  fallbackUrl,
}: LaptopOptions) => {
  const folder = directory ?? (await mkdtemp(join(tmpdir(), "slack-fanout-test-")));
  const cloud = await startCloud({
    directory: folder,
    port: 0,
    awsPort: 0,
    exceptions,
    inspection,
    fallbackUrl,
    region,
    definitions,
    declare: async place => declareAll(definitions, place, typeof resources === "function" ? resources(place) : resources),
  });
  return {
    cloud,
    directory: folder,
    client: { endpoint: cloud.place.awsUrl, region: cloud.place.region, credentials: { accessKeyId: "test", secretAccessKey: "test" } },
    stop: async () => {
      await cloud.stop();
      if (directory === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Values for which `eventually` keeps waiting. */
type Held<T> = Exclude<T, false | null | undefined>;

/** Long for a busy machine, and less than a test may take: waiting longer than needed costs nothing. */
const patienceMs = 30_000;

/** Waits until `check` returns something truthy (or does not throw); fails with the last error after `limitMs`. */
const eventually = async <T>(check: () => T | Promise<T>, limitMs = patienceMs): Promise<Held<T>> => {
  const deadlineMs = performance.now() + limitMs;
  let last: unknown = new Error("the condition never held");
  while (performance.now() < deadlineMs) {
    try {
      const value = await check();
      if (value) return value as Held<T>;
    } catch (error) {
      last = error;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw last;
};

export { reportStart, startKillableCloud } from "./killable-cloud";
export { rejectionOf, thrownBy } from "./thrown";
export { eventually, startLaptop };
