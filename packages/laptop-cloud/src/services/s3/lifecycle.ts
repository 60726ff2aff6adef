import type { Timer } from "../../kernel/clock";
import type { Bucket, StoredObject, Version } from "./bucket";
import { DAY_MS, type LifecycleRule } from "./lifecycle-rule";
import type { Store } from "./store";

/** S3 checks once a day; here it is more often, because time may be moved. */
const SWEEP_INTERVAL_MS = 3_600_000;

/** Expires objects, old versions and unfinished uploads ("Managing the lifecycle of objects"), by the cloud's time. */
class Lifecycle {
  #timer: Timer | undefined;
  #unlisten = () => {};
  #sweeping: Promise<void> = Promise.resolve();

  constructor(private readonly store: Store) {}

  start() {
    this.#unlisten = this.store.cloud.clock.onMove(() => this.#sweepNext());
    this.#sweepNext();
    this.#schedule();
  }

  async stop() {
    this.#timer?.cancel();
    this.#unlisten();
    await this.#sweeping;
  }

  #schedule() {
    this.#timer = this.store.cloud.clock.after(SWEEP_INTERVAL_MS, () => {
      this.#sweepNext();
      this.#schedule();
    });
  }

  /** One sweep at a time. */
  #sweepNext() {
    this.#sweeping = this.#sweeping.then(() => this.#sweep()).catch(error => console.error(error));
  }

  async #sweep() {
    for (const bucket of this.store.buckets.values()) for (const rule of this.#rulesOf(bucket.name)) await this.#apply(bucket, rule);
  }

  async #apply(bucket: Bucket, rule: LifecycleRule) {
    const nowMs = this.store.cloud.clock.nowMs();
    for (const key of [...bucket.keys()]) {
      const current = bucket.current(key);
      if (current !== undefined && selects(rule, current) && isExpired(rule.Expiration, current, nowMs))
        await this.store.delete(bucket.name, key, { prefix: "LifecycleExpiration" });
      for (const version of noncurrentExpired(rule, bucket.versions(key), nowMs))
        await this.store.deleteVersion(bucket.name, key, version.versionId, { eventName: "LifecycleExpiration:Delete" });
      const [only, ...others] = bucket.versions(key);
      if (rule.Expiration?.ExpiredObjectDeleteMarker === true && only?.deleteMarker === true && others.length === 0)
        await this.store.deleteVersion(bucket.name, key, only.versionId, { eventName: "LifecycleExpiration:Delete" });
    }
    const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
    if (days === undefined) return;
    for (const { key, uploadId, initiatedMs } of this.store.uploads.ofBucket(bucket.name))
      if (key.startsWith(prefixOf(rule)) && nowMs >= dueMs(initiatedMs, days))
        await this.store.abortUpload(this.store.uploads.find(bucket.name, key, uploadId));
  }

  #rulesOf(bucket: string): LifecycleRule[] {
    return this.store.settings(bucket).lifecycleRules?.filter(({ Status }) => Status === "Enabled") ?? [];
  }
}

const prefixOf = ({ Filter, Prefix }: LifecycleRule): string => Filter?.And?.Prefix ?? Filter?.Prefix ?? Prefix ?? "";

const selects = (rule: LifecycleRule, object: StoredObject): boolean => {
  const { Tag, And } = rule.Filter ?? {};
  const { ObjectSizeGreaterThan = -1, ObjectSizeLessThan = Number.POSITIVE_INFINITY } = { ...And, ...rule.Filter };
  const tags = [...(And?.Tags ?? []), ...(Tag === undefined ? [] : [Tag])];
  return (
    object.key.startsWith(prefixOf(rule)) &&
    tags.every(({ Key, Value }) => object.tags[Key] === Value) &&
    object.sizeBytes > ObjectSizeGreaterThan &&
    object.sizeBytes < ObjectSizeLessThan
  );
};

const isExpired = ({ Date: date, Days = 0 }: LifecycleRule["Expiration"] = {}, object: StoredObject, nowMs: number): boolean => {
  if (date !== undefined) return nowMs >= Date.parse(date);
  return Days > 0 && nowMs >= dueMs(object.modifiedMs, Days);
};

/** A version's age counts from the moment the next version replaced it. */
const noncurrentExpired = (rule: LifecycleRule, versions: readonly Version[], nowMs: number): Version[] => {
  const { NoncurrentDays, NewerNoncurrentVersions = 0 } = rule.NoncurrentVersionExpiration ?? {};
  if (NoncurrentDays === undefined) return [];
  return versions.filter((version, index) => {
    if (index <= NewerNoncurrentVersions || !version.key.startsWith(prefixOf(rule))) return false;
    return nowMs >= dueMs(versions[index - 1]!.modifiedMs, NoncurrentDays);
  });
};

/** This many days later, rounded up to midnight UTC. */
const dueMs = (fromMs: number, days: number) => Math.ceil((fromMs + days * DAY_MS) / DAY_MS) * DAY_MS;

export { Lifecycle };
