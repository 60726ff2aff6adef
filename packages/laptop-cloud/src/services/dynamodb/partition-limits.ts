import type { Weather } from "../../kernel/weather";
import type { Charge } from "./capacity";

/** The capacity of a partition (Developer Guide, "Best practices for designing and using partition keys effectively"). */
const UNITS_PER_SECOND = { read: 3000, write: 1000 };

/** More keys than a program uses in a second. Beyond this number, full buckets are deleted. */
const MAX_BUCKETS = 10_000;

/** The units that a partition key had left at a time. */
interface Bucket {
  units: number;
  atMs: number;
}

/**
 * Enforces AWS's limits per partition key, while the weather's `partitionLimits` is on.
 *
 * The bucket of each key of a table or global index holds the units of one second. A request may take more than the bucket has, unless it is empty,
 * so that large items pass. Differs: AWS lets an idle partition use some units of the last five minutes later, and lets keys share a partition.
 * Buckets refill by the machine's clock, because moving the cloud's clock does not make a program faster.
 */
class PartitionLimits {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    private readonly weather: Pick<Weather, "partitionShare">,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** The first of these charges whose partition key has nothing left. */
  findExceeded(charges: Charge[]): Charge | undefined {
    const share = this.weather.partitionShare;
    return share === undefined ? undefined : charges.find(charge => this.#bucketOf(charge, share).units <= 0);
  }

  take(charges: Charge[]) {
    const share = this.weather.partitionShare;
    if (share === undefined) return this.#buckets.clear();
    for (const charge of charges) this.#bucketOf(charge, share).units -= charge.units;
    if (this.#buckets.size > MAX_BUCKETS) this.#forgetFull();
  }

  /** The key's bucket, filled up to now. */
  #bucketOf({ table, index, key, kind }: Charge, share: number): Bucket {
    const name = [kind, table.TableId, index ?? "", key].join("~");
    const size = UNITS_PER_SECOND[kind] * share;
    const nowMs = this.nowMs();
    const { units, atMs } = this.#buckets.get(name) ?? { units: size, atMs: nowMs };
    const bucket = { units: Math.min(size, units + ((nowMs - atMs) / 1000) * size), atMs: nowMs };
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** A bucket with units left fills within a second, so older ones are full. */
  #forgetFull() {
    const beforeMs = this.nowMs() - 1000;
    for (const [name, { units, atMs }] of this.#buckets) if (units > 0 && atMs <= beforeMs) this.#buckets.delete(name);
  }
}

export { PartitionLimits };
