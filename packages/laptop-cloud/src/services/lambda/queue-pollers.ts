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
  readonly #mappings: Map<string, EventSourceMapping>;
  readonly #declared: ReadonlySet<string>;
  readonly #pollers = new Map<string, QueuePoller>();

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
    private readonly functions: Functions,
    private readonly invoker: Invoker,
  ) {
    const declared = cloud.inventory.ofType(mappingType).map(resource => declaredMapping(resource, cloud.place));
    this.#mappings = new Map(declared.map(mapping => [mapping.uuid, mapping]));
    this.#declared = new Set(this.#mappings.keys());
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
    this.#end(mapping);
    this.#mappings.delete(mapping.uuid);
    await this.state.delete(keyOf(mapping.uuid));
  }

  async enable(mapping: EventSourceMapping, enabled: boolean) {
    mapping.enabled = enabled;
    if (!this.#declared.has(mapping.uuid)) await this.state.put(keyOf(mapping.uuid), mapping);
    if (enabled) void this.#start(mapping).run();
    else this.#end(mapping);
  }

  #poller(mapping: EventSourceMapping) {
    return new QueuePoller(this.cloud, mapping, this.functions, this.invoker);
  }

  #start(mapping: EventSourceMapping): QueuePoller {
    const poller = this.#poller(mapping);
    this.#pollers.set(mapping.uuid, poller);
    return poller;
  }

  #end({ uuid }: EventSourceMapping) {
    this.#pollers.get(uuid)?.stop();
    this.#pollers.delete(uuid);
  }
}

export { QueuePollers };
