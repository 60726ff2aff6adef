import { isDeepStrictEqual } from "node:util";
import type { Dispatcher } from "./kernel/dispatch";
import type { Resource } from "./kernel/inventory";
import type { Cloud, Service, ServiceDefinition } from "./kernel/service";

/** A resource that keeps its old definition, because the new one would replace it and lose what it contains. */
interface Kept {
  /** The Pulumi name. */
  name: string;
  /** How many items would be lost. */
  items: number;
}

/** The services whose resources the program declares: started in order, stopped in reverse order, updated when the program changes. */
class RunningServices {
  readonly #running = new Map<ServiceDefinition, Service>();

  constructor(
    private readonly cloud: Cloud,
    private readonly definitions: ServiceDefinition[],
    private readonly dispatcher: Dispatcher,
    /** The names of the running services. */
    private readonly names: Set<string>,
  ) {}

  async start() {
    const declared = this.definitions.filter(definition => this.#isDeclared(definition));
    const created = declared.map(definition => [definition, this.#create(definition)] as const);
    for (const [definition, service] of created) {
      this.#running.set(definition, service);
      await service.start();
    }
  }

  async resume() {
    for (const definition of this.definitions) await this.#running.get(definition)?.resume?.();
  }

  async stop() {
    for (const definition of [...this.definitions].reverse()) await this.#end(definition);
  }

  /**
   * Applies what the program declares now. Services without changes keep running. If a service refuses, restores everything and throws
   * the refusal. Pass `revert`, which restores the program's outputs and settings, if they have changed.
   */
  async apply(resources: readonly Resource[], revert?: () => void): Promise<Kept[]> {
    const { inventory } = this.cloud;
    const before = inventory.resources;
    const { applied, kept } = await this.#keepData(before, resources);
    const concerned = this.definitions.filter(
      definition =>
        (revert !== undefined && definition.readsProgram) || !isDeepStrictEqual(of(definition, before), of(definition, applied)),
    );
    inventory.replace(applied);
    try {
      await this.#renew(concerned);
    } catch (error) {
      inventory.replace(before);
      revert?.();
      await this.#renew(concerned);
      throw error;
    }
    inventory.revision += 1;
    return kept;
  }

  /** Keeps the old definition of a resource that would lose what it contains. */
  async #keepData(before: readonly Resource[], after: readonly Resource[]): Promise<{ applied: Resource[]; kept: Kept[] }> {
    const kept: Kept[] = [];
    const applied: Resource[] = [];
    for (const resource of after) {
      const old = before.find(({ type, name }) => type === resource.type && name === resource.name);
      const data = this.definitions.find(({ resources }) => resources[resource.type])?.resources[resource.type]?.data;
      const isReplaced = old !== undefined && data?.isReplaced(old, resource) === true;
      if (isReplaced) kept.push({ name: resource.name, items: await data.count(old, this.cloud) });
      applied.push(isReplaced ? old : resource);
    }
    return { applied, kept };
  }

  async #renew(definitions: ServiceDefinition[]) {
    const replaced = definitions.filter(definition => this.#running.get(definition)?.update === undefined).reverse();
    const started = await this.dispatcher.whileStopped(
      replaced.map(({ name }) => name),
      name => this.#end(replaced.find(definition => definition.name === name)!),
      async () => {
        const created: Service[] = [];
        for (const definition of definitions.filter(each => this.#isDeclared(each) || this.#running.has(each))) {
          const running = this.#running.get(definition);
          if (running?.update !== undefined) await running.update();
          else {
            const service = this.#create(definition);
            this.#running.set(definition, service);
            await service.start();
            created.push(service);
          }
        }
        return created;
      },
    );
    // Only now, because requests for a service that restarts have to wait until then.
    for (const definition of replaced) if (!this.#running.has(definition)) this.names.delete(definition.name);
    for (const service of started) await service.resume?.();
  }

  #create(definition: ServiceDefinition): Service {
    const service = definition.create(this.cloud);
    this.dispatcher.add(definition.name, service);
    this.names.add(definition.name);
    return service;
  }

  async #end(definition: ServiceDefinition) {
    const service = this.#running.get(definition);
    if (service === undefined) return;
    this.#running.delete(definition);
    await service.stop();
    this.dispatcher.remove(definition.name);
  }

  #isDeclared({ always, resources }: ServiceDefinition): boolean {
    return always === true || this.cloud.inventory.resources.some(({ type }) => Object.hasOwn(resources, type));
  }
}

const of = ({ resources: kinds }: ServiceDefinition, resources: readonly Resource[]): Resource[] =>
  resources.filter(({ type }) => Object.hasOwn(kinds, type));

export type { Kept };
export { RunningServices };
