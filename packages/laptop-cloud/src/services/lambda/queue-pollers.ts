import { isDeepStrictEqual } from "node:util";
import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import type { Invoker } from "./invoker";
import type { Mappings } from "./operations/event-source-mappings";
import { QueuePoller } from "./queue-poller";
import { mappingType } from "./resources";
import { declaredMapping, type EventSourceMapping } from "./resources/event-source-mapping";
import type { Functions } from "./store";

const keyOf = (uuid: string) => `mapping/${uuid}`;

/**
 * The event source mappings, each with its poller while it is enabled.
 *
 * The program's mappings are created again at each start; those created by API calls are stored.
 */
class QueuePollers implements Mappings {
  readonly #mappings = new Map<string, EventSourceMapping>();
  #declared: ReadonlySet<string> = new Set();
  readonly #pollers = new Map<string, QueuePoller>();

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
    private readonly functions: Functions,
    private readonly invoker: Invoker,
  ) {
    for (const mapping of this.#readDeclared()) this.#mappings.set(mapping.uuid, mapping);
  }

  /** Throws `Error` if AWS would refuse a declared mapping. */
  async resume() {
    for (const mapping of this.all()) if (mapping.enabled) await this.#start(mapping).check();
    for (const [, mapping] of await this.state.entries<EventSourceMapping>(keyOf(""))) {
      this.#mappings.set(mapping.uuid, mapping);
      // Not checked again: if its queue is gone, polling shows it.
      if (mapping.enabled) this.#start(mapping);
    }
    for (const poller of this.#pollers.values()) void poller.run();
  }

  /** Takes over the mappings that the program declares after a reload. Throws `Error` if AWS would refuse one. */
  async update() {
    const before = this.#declared;
    const changed = this.#readDeclared().filter(mapping => !isDeepStrictEqual(mapping, this.#mappings.get(mapping.uuid)));
    for (const mapping of changed) if (mapping.enabled) await this.#poller(mapping).check();
    const gone = [...before].filter(uuid => !this.#declared.has(uuid));
    for (const uuid of [...gone, ...changed.map(mapping => mapping.uuid)]) {
      this.#end(uuid);
      this.#mappings.delete(uuid);
    }
    for (const mapping of changed) {
      this.#mappings.set(mapping.uuid, mapping);
      if (mapping.enabled) void this.#start(mapping).run();
    }
  }

  stop() {
    for (const poller of this.#pollers.values()) poller.stop();
  }

  all() {
    return [...this.#mappings.values()];
  }

  async create(mapping: EventSourceMapping) {
    await this.#poller(mapping).check();
    await this.state.put(keyOf(mapping.uuid), mapping);
    this.#mappings.set(mapping.uuid, mapping);
    if (mapping.enabled) void this.#start(mapping).run();
  }

  async remove(mapping: EventSourceMapping) {
    this.#end(mapping.uuid);
    this.#mappings.delete(mapping.uuid);
    await this.state.delete(keyOf(mapping.uuid));
  }

  async enable(mapping: EventSourceMapping, enabled: boolean) {
    mapping.enabled = enabled;
    if (!this.#declared.has(mapping.uuid)) await this.state.put(keyOf(mapping.uuid), mapping);
    if (enabled) void this.#start(mapping).run();
    else this.#end(mapping.uuid);
  }

  #readDeclared(): EventSourceMapping[] {
    const declared = this.cloud.inventory.ofType(mappingType).map(resource => declaredMapping(resource, this.cloud.place));
    this.#declared = new Set(declared.map(({ uuid }) => uuid));
    return declared;
  }

  #poller(mapping: EventSourceMapping) {
    return new QueuePoller(this.cloud, mapping, this.functions, this.invoker);
  }

  #start(mapping: EventSourceMapping): QueuePoller {
    const poller = this.#poller(mapping);
    this.#pollers.set(mapping.uuid, poller);
    return poller;
  }

  #end(uuid: string) {
    this.#pollers.get(uuid)?.stop();
    this.#pollers.delete(uuid);
  }
}

export { QueuePollers };
