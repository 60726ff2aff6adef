import type { Cloud } from "../kernel/service";
import { type EventSourceMapping, mappingOf } from "./event-source-mapping";
import type { Functions } from "./functions";
import type { Invoker } from "./invoker";
import type { Mappings } from "./operations/event-source-mappings";
import { QueuePoller } from "./queue-poller";

const mappingType = "aws:lambda/eventSourceMapping:EventSourceMapping";

/** The declared event source mappings, each with its poller while it is enabled. */
class QueuePollers implements Mappings {
  readonly #mappings: EventSourceMapping[];
  readonly #pollers = new Map<string, QueuePoller>();

  constructor(
    private readonly cloud: Cloud,
    private readonly functions: Functions,
    private readonly invoker: Invoker,
  ) {
    this.#mappings = cloud.inventory.ofType(mappingType).map(resource => mappingOf(resource, cloud.place));
  }

  /** Throws `Error` where AWS would refuse a mapping. */
  async resume() {
    for (const mapping of this.#mappings) if (mapping.enabled) await this.#start(mapping).check();
    for (const poller of this.#pollers.values()) void poller.run();
  }

  stop() {
    for (const poller of this.#pollers.values()) poller.stop();
  }

  all() {
    return this.#mappings;
  }

  enable(mapping: EventSourceMapping, enabled: boolean) {
    mapping.enabled = enabled;
    if (enabled) void this.#start(mapping).run();
    else {
      this.#pollers.get(mapping.uuid)?.stop();
      this.#pollers.delete(mapping.uuid);
    }
  }

  #start(mapping: EventSourceMapping): QueuePoller {
    const poller = new QueuePoller(this.cloud, mapping, this.functions, this.invoker);
    this.#pollers.set(mapping.uuid, poller);
    return poller;
  }
}

export { mappingType, QueuePollers };
