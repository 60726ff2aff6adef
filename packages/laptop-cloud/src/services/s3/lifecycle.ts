import type { Timer } from "../../kernel/clock";
import type { Bucket, StoredObject, Version } from "./bucket";
import { abort } from "./operations/multipart-upload";
import type { Store } from "./store";

// biome-ignore lint/suspicious/noExplicitAny: a rule of @pulumi/aws's BucketLifecycleConfiguration.
type Rule = Record<string, any>;

const DAY_MS = 86_400_000;
/** S3 checks once a day; here it is more often, because time may be moved. */
const SWEEP_INTERVAL_MS = 3_600_000;

/** Expires objects, old versions and unfinished uploads ("Managing the lifecycle of objects"), by the cloud's time. */
class Lifecycle {
  #timer: Timer | undefined;
  #unlisten = () => {};
  #sweeping: Promise<void> = Promise.resolve();

  constructor(private readonly store: Store) {}

  start() {
    if (![...this.store.buckets.keys()].some(name => this.#rulesOf(name).length > 0)) return;
    this.#unlisten = this.store.cloud.clock.onAdvance(() => this.#sweepNext());
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

  async #apply(bucket: Bucket, rule: Rule) {
    const nowMs = this.store.cloud.clock.nowMs();
    for (const key of [...bucket.keys()]) {
      const current = bucket.current(key);
      if (current !== undefined && selects(rule, current) && isExpired(rule["expiration"], current, nowMs))
        await this.store.delete(bucket.name, key, { prefix: "LifecycleExpiration" });
      for (const version of noncurrentExpired(rule, bucket.versions(key), nowMs))
        await this.store.deleteVersion(bucket.name, key, version.versionId, { eventName: "LifecycleExpiration:Delete" });
      const [only, ...others] = bucket.versions(key);
      if (rule["expiration"]?.expiredObjectDeleteMarker === true && only?.deleteMarker === true && others.length === 0)
        await this.store.deleteVersion(bucket.name, key, only.versionId, { eventName: "LifecycleExpiration:Delete" });
    }
    const days = rule["abortIncompleteMultipartUpload"]?.daysAfterInitiation;
    if (days === undefined) return;
    for (const { key, uploadId, initiatedMs } of this.store.uploads.ofBucket(bucket.name))
      if (key.startsWith(prefixOf(rule)) && nowMs >= dueMs(initiatedMs, days))
        await abort(this.store, this.store.uploads.find(bucket.name, key, uploadId));
  }

  #rulesOf(bucket: string): Rule[] {
    return this.store.settings(bucket).lifecycleRules.filter(rule => rule["status"] === "Enabled");
  }
}

const prefixOf = ({ filter, prefix }: Rule): string => filter?.and?.prefix ?? filter?.prefix ?? prefix ?? "";

const selects = (rule: Rule, object: StoredObject): boolean => {
  const { tag, and } = rule["filter"] ?? {};
  const larger = rule["filter"]?.objectSizeGreaterThan ?? and?.objectSizeGreaterThan ?? -1;
  const smaller = rule["filter"]?.objectSizeLessThan ?? and?.objectSizeLessThan ?? Number.POSITIVE_INFINITY;
  const tags: [string, string][] = [
    ...Object.entries<string>(and?.tags ?? {}),
    ...(tag === undefined ? [] : [[tag.key, tag.value] as [string, string]]),
  ];
  return (
    object.key.startsWith(prefixOf(rule)) &&
    tags.every(([key, value]) => object.tags[key] === value) &&
    object.sizeBytes > larger &&
    object.sizeBytes < smaller
  );
};

const isExpired = (expiration: Rule | undefined, object: StoredObject, nowMs: number): boolean => {
  if (expiration?.["date"] !== undefined) return nowMs >= Date.parse(expiration["date"]);
  return expiration?.["days"] > 0 && nowMs >= dueMs(object.modifiedMs, expiration!["days"]);
};

/** A version's age counts from the moment the next version replaced it. */
const noncurrentExpired = (rule: Rule, versions: readonly Version[], nowMs: number): Version[] => {
  const { noncurrentDays, newerNoncurrentVersions = 0 } = rule["noncurrentVersionExpiration"] ?? {};
  if (noncurrentDays === undefined) return [];
  return versions.filter((version, index) => {
    if (index <= newerNoncurrentVersions || !version.key.startsWith(prefixOf(rule))) return false;
    return nowMs >= dueMs(versions[index - 1]!.modifiedMs, noncurrentDays);
  });
};

/** This many days later, rounded up to midnight UTC. */
const dueMs = (fromMs: number, days: number) => Math.ceil((fromMs + days * DAY_MS) / DAY_MS) * DAY_MS;

export { Lifecycle };
