import { existsSync } from "node:fs";
import { join } from "node:path";
import { AwsError } from "../../kernel/aws-error";
import { buildChildProgram } from "../../kernel/child-program";
import type { Resource } from "../../kernel/inventory";
import type { Cloud } from "../../kernel/service";
import { nameOfArn, readContainerService, type ServiceConfiguration, serviceType } from "./container-definition";
import { ContainerService } from "./container-service";
import { clusterType, contextOf, imageType, targetType } from "./resources";

/** The cloud must stop within 5 s, and the other services need part of it. Real milliseconds. */
const STOP_TIMEOUT_MS = 3000;

/** The cluster of services that name none. */
const DEFAULT_CLUSTER = "default";

/**
 * The container services of the program, and their clusters.
 *
 * Each start reads them again and discards changes made by API calls.
 */
class Containers {
  readonly #services: ContainerService[] = [];
  #forget: (() => void)[] = [];

  constructor(readonly cloud: Cloud) {}

  /** Throws `Error` for an image that the program does not build. */
  load() {
    const declared = this.cloud.inventory.ofType(serviceType);
    if (declared.length === 0) return;
    const preload = buildChildProgram(require.resolve("./runtime/preload"), join(this.cloud.directory, "containers"));
    for (const resource of declared) {
      const configuration = readContainerService(resource, this.cloud.place);
      const folder = this.#folderOf(configuration);
      const desiredCount = this.#countOf(configuration);
      this.#services.push(new ContainerService(this.cloud, configuration, { desiredCount, folder, preload }));
    }
  }

  /** Throws `AwsError` if a container's execution role may not read a secret, and `Error` for a missing secret. */
  async run() {
    const { clock } = this.cloud;
    await Promise.all(this.#services.map(service => service.readSecrets()));
    this.#forget = [clock.onMove(() => this.#followClock()), clock.keepPace(this)];
    for (const service of this.#services) service.fill();
  }

  async stop() {
    for (const forget of this.#forget.splice(0)) forget();
    await Promise.all(this.#services.map(service => service.stop(STOP_TIMEOUT_MS)));
  }

  get isAtWork() {
    return this.#services.some(service => service.isAtWork);
  }

  async settle(): Promise<number> {
    return Math.min(...(await Promise.all(this.#services.map(service => service.settle()))));
  }

  clusters(): string[] {
    const names = this.cloud.inventory.ofType(clusterType).map(({ outputs }) => outputs["name"] as string);
    return [...new Set([...names, ...this.#services.map(({ configuration }) => configuration.cluster)])].sort();
  }

  /** A cluster's name, from a name, an ARN or nothing. Throws `AwsError` ClusterNotFoundException. */
  findCluster(nameOrArn = DEFAULT_CLUSTER): string {
    const name = nameOfArn(nameOrArn);
    if (!this.clusters().includes(name)) throw new AwsError("ClusterNotFoundException", "Cluster not found.");
    return name;
  }

  of(cluster: string): ContainerService[] {
    return this.#services.filter(({ configuration }) => configuration.cluster === cluster);
  }

  /** By name or ARN. */
  find(cluster: string, nameOrArn: string): ContainerService | undefined {
    return this.of(cluster).find(({ configuration }) => configuration.name === nameOfArn(nameOrArn));
  }

  #followClock() {
    for (const service of this.#services) service.followClock();
  }

  /** The declared count, but at least one if a scalable target allows it: an idle process is cheaper than waiting for an alarm. */
  #countOf({ cluster, name, desiredCount }: ServiceConfiguration): number {
    const mayGrow = this.cloud.inventory
      .ofType(targetType)
      .some(({ inputs }) => inputs["resourceId"] === `service/${cluster}/${name}` && inputs["maxCapacity"] > 0);
    return mayGrow ? Math.max(1, desiredCount) : desiredCount;
  }

  #folderOf({ label, container }: ServiceConfiguration): string {
    const images = this.cloud.inventory.ofType(imageType);
    const image: Resource | undefined = images.find(({ outputs }) => outputs["imageUri"] === container.image);
    if (image === undefined) {
      throw new Error(
        `"${label}" (${serviceType}) runs the image ${JSON.stringify(container.image)}, which the program does not build: ` +
          `the laptop cloud runs the folders of its images (${imageType}), ${images.map(({ outputs }) => outputs["imageUri"]).join(", ") || "of which there are none"}.`,
      );
    }
    const folder = contextOf(image);
    if (!existsSync(folder)) throw new Error(`"${image.name}" (${imageType}) is built from the folder ${folder}, which there is not.`);
    return folder;
  }
}

export { Containers };
