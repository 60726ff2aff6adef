import { createRandom } from "../../kernel/seeded-random";
import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import { queueDoesNotExist } from "./errors";
import type { StoredMessage } from "./message";
import { messagesPrefix, Queue, type QueueRecord, queueKey } from "./queue";
import { type Attributes, invalidAttribute } from "./queue-attributes";

/** Seed of the random order. The same calls give the same order in every run; AWS promises none. */
const ORDER_SEED = 1;

/** All queues, and the state that they share. */
class Queues {
  readonly state: State;
  readonly #queues = new Map<string, Queue>();
  readonly #random = createRandom(ORDER_SEED);

  constructor(readonly cloud: Cloud) {
    this.state = cloud.state("sqs");
  }

  async load() {
    for (const [, record] of await this.state.entries<QueueRecord>("queue/")) {
      const queue = this.#make(record);
      for (const [, message] of await this.state.entries<StoredMessage>(messagesPrefix(record.name))) queue.restore(message);
    }
  }

  all(): Queue[] {
    return [...this.#queues.values()];
  }

  find(name: string): Queue | undefined {
    return this.#queues.get(name);
  }

  /** Finds a queue by its URL, with any host and port: the port may have changed since. Throws `AwsError` QueueDoesNotExist. */
  byUrl(url: unknown): Queue {
    const [account, name] = typeof url === "string" ? url.split("/").slice(-2) : [];
    const queue = account === this.cloud.place.account && name !== undefined ? this.#queues.get(name) : undefined;
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  byArn(arn: string): Queue | undefined {
    const queue = this.#queues.get(arn.split(":").at(-1)!);
    return queue?.arn === arn ? queue : undefined;
  }

  urlOf(name: string) {
    const { awsUrl, account } = this.cloud.place;
    return `${awsUrl}/${account}/${name}`;
  }

  arnOf(name: string) {
    const { region, account } = this.cloud.place;
    return `arn:aws:sqs:${region}:${account}:${name}`;
  }

  /** The queues that use this one as their dead-letter queue. */
  sourcesOf(queue: Queue): Queue[] {
    return this.all().filter(({ settings }) => settings.redrive?.deadLetterTargetArn === queue.arn);
  }

  async create(name: string, attributes: Attributes, tags: Record<string, string>, declared = false): Promise<Queue> {
    this.checkRedrive(this.arnOf(name), attributes);
    const nowMs = this.cloud.clock.nowMs();
    const queue = this.#make({ name, attributes, tags, createdMs: nowMs, modifiedMs: nowMs, declared });
    await this.state.put(queueKey(name), queue.record);
    return queue;
  }

  async delete(queue: Queue) {
    this.#queues.delete(queue.name);
    await this.state.batch([{ delete: queueKey(queue.name) }, ...queue.clear()]);
  }

  /** Throws `AwsError` InvalidAttributeValue if the dead-letter queue is missing or does not allow this source. */
  checkRedrive(sourceArn: string, attributes: Attributes) {
    const text = attributes["RedrivePolicy"];
    if (text === undefined) return;
    const { deadLetterTargetArn } = JSON.parse(text) as { deadLetterTargetArn: string };
    const target = this.byArn(deadLetterTargetArn);
    if (target === undefined) throw invalidAttribute("RedrivePolicy", text, "names a dead-letter queue that does not exist");
    const allow = target.settings.redriveAllow;
    const isDenied =
      allow?.redrivePermission === "denyAll" || (allow?.redrivePermission === "byQueue" && !allow.sourceQueueArns?.includes(sourceArn));
    if (isDenied) throw invalidAttribute("RedrivePolicy", text, `names a dead-letter queue that does not allow ${sourceArn}`);
  }

  /** A queue's name for display: its Pulumi name, if it has one. */
  shownName(arn: string) {
    return this.cloud.inventory.byArn(arn)?.name ?? arn.split(":").at(-1)!;
  }

  #make(record: QueueRecord): Queue {
    const queue = new Queue(record, this.arnOf(record.name), {
      clock: this.cloud.clock,
      random: this.#random,
      isShuffled: () => this.cloud.weather.report.shuffle,
    });
    this.#queues.set(record.name, queue);
    return queue;
  }
}

export { Queues };
