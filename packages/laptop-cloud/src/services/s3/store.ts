import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { KeyedLock } from "../../kernel/keyed-lock";
import type { Cloud } from "../../kernel/service";
import type { State, StateChange } from "../../kernel/state";
import { Bodies, type Segment } from "./bodies";
import { Bucket, type BucketRecord, type DeleteMarker, type StoredObject, type Version } from "./bucket";
import type { Cause } from "./cause";
import { errors } from "./errors";
import { MultipartUploads, type Upload } from "./multipart-uploads";
import { Notifications, type ObjectEvent } from "./notifications";
import { Sequencer } from "./sequencer";
import { type BucketSettings, type ChangedSettings, mergeSettings, readSettings, replacedSettings } from "./settings";

/** An object to write, without the fields that the store sets. */
type ObjectDraft = Omit<StoredObject, "versionId" | "sequencer" | "modifiedMs" | "deleteMarker">;

/**
 * Buckets and their objects: metadata in memory and in the service's state, contents in files.
 *
 * State keys: `bucket/NAME`, `version/NAME/SEQUENCER`, `event/SEQUENCER/N` (see `Notifications`), and
 * those of `MultipartUploads`. A change of an object is
 * one batch: the new version, the ones it replaces, and the events it causes.
 */
/** Throws if the current object forbids a change. */
type Check = (current: StoredObject | undefined) => void;

class Store {
  readonly buckets = new Map<string, Bucket>();
  readonly uploads: MultipartUploads;
  readonly bodies: Bodies;
  readonly notifications: Notifications;
  readonly lock = new KeyedLock();
  readonly state: State;
  readonly #sequencer: Sequencer;
  readonly #settings = new Map<string, BucketSettings>();

  constructor(readonly cloud: Cloud) {
    this.state = cloud.state("s3");
    this.bodies = new Bodies(join(cloud.directory, "s3"));
    this.uploads = new MultipartUploads(this.state);
    this.notifications = new Notifications(cloud, this.state);
    this.#sequencer = new Sequencer(() => cloud.clock.nowMs());
  }

  async load() {
    for (const [, record] of await this.state.entries<BucketRecord>("bucket/")) this.buckets.set(record.name, new Bucket(record));
    for (const [path, version] of await this.state.entries<Version>("version/")) {
      this.buckets.get(path.split("/")[1]!)?.put(version);
      this.#sequencer.follow(version.sequencer);
    }
    await this.uploads.load();
    for (const sequencer of await this.notifications.load()) this.#sequencer.follow(sequencer);
    await this.bodies.open(new Set([...this.#segments()].map(({ file }) => file)));
  }

  /** Creates a declared bucket if it does not exist. */
  async declare(name: string) {
    if (!this.buckets.has(name)) await this.create(name);
    const { versioning } = this.settings(name);
    // Enabled versioning can only be suspended. A bucket without declared versioning keeps what API calls set.
    if (versioning !== undefined) await this.setVersioning(name, versioning);
    await this.#restoreDeclared(name);
  }

  /** What the program declares replaces what the API has set. */
  async #restoreDeclared(name: string) {
    const { record } = this.bucket(name);
    const replaced = replacedSettings(readSettings(this.cloud.inventory, name));
    if (Object.keys(replaced).some(setting => record[setting as keyof ChangedSettings] !== undefined)) await this.change(name, replaced);
  }

  async create(name: string, ownership?: string) {
    const record: BucketRecord = { name, createdMs: this.cloud.clock.nowMs(), ownership };
    await this.state.put(`bucket/${name}`, record);
    this.buckets.set(name, new Bucket(record));
  }

  async removeBucket(name: string) {
    // In memory first, so that nothing is written into it meanwhile.
    this.buckets.delete(name);
    this.#settings.delete(name);
    await this.state.delete(`bucket/${name}`);
  }

  async setVersioning(name: string, versioning: "Enabled" | "Suspended") {
    await this.change(name, { versioning });
  }

  /** Changes what the API sets of a bucket. */
  async change(name: string, changes: Partial<BucketRecord>) {
    const { record } = this.bucket(name);
    await this.state.put(`bucket/${name}`, { ...record, ...changes });
    Object.assign(record, changes);
    this.#settings.delete(name);
  }

  /** Throws `AwsError` NoSuchBucket. */
  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) throw errors.noSuchBucket(name);
    return bucket;
  }

  settings(bucket: string): BucketSettings {
    const known = this.#settings.get(bucket) ?? this.#readSettings(bucket);
    this.#settings.set(bucket, known);
    return known;
  }

  #readSettings(bucket: string): BucketSettings {
    return mergeSettings(readSettings(this.cloud.inventory, bucket), this.buckets.get(bucket)?.record ?? {});
  }

  /**
   * Writes an object and sends its notifications. No other change comes between `check` and the write;
   * if it throws, the draft's contents are removed.
   */
  async put(name: string, draft: ObjectDraft, cause: Cause, check: Check): Promise<StoredObject> {
    return this.#change(name, draft.key, async bucket => {
      try {
        check(bucket.current(draft.key));
      } catch (error) {
        await this.bodies.remove(draft.segments);
        throw error;
      }
      const version: StoredObject = { ...draft, ...this.#identity(bucket, draft.key), deleteMarker: false };
      await this.#commit(bucket, version, this.#replaced(bucket, version), cause);
      return version;
    });
  }

  /** Deletes an object, or adds a delete marker in a versioned bucket. `check` as in `put`. */
  async delete(
    name: string,
    key: string,
    cause: Omit<Cause, "eventName"> & { prefix?: "ObjectRemoved" | "LifecycleExpiration" } = {},
    check: Check = () => {},
  ) {
    const prefix = cause.prefix ?? "ObjectRemoved";
    return this.#change(name, key, async (bucket): Promise<DeleteMarker | undefined> => {
      check(bucket.current(key));
      if (bucket.record.versioning === undefined) {
        const removed = bucket.versions(key);
        if (removed.length > 0) await this.#commit(bucket, undefined, removed, { ...cause, eventName: `${prefix}:Delete` });
        return undefined;
      }
      const marker: DeleteMarker = { ...this.#identity(bucket, key), deleteMarker: true };
      await this.#commit(bucket, marker, this.#replaced(bucket, marker), { ...cause, eventName: `${prefix}:DeleteMarkerCreated` });
      return marker;
    });
  }

  /** Removes one version permanently; undefined if it does not exist. `check` as in `put`. */
  async deleteVersion(name: string, key: string, versionId: string, cause: Cause, check: Check = () => {}): Promise<Version | undefined> {
    return this.#change(name, key, async bucket => {
      check(bucket.current(key));
      const version = bucket.find(key, versionId);
      if (version !== undefined) await this.#commit(bucket, undefined, [version], cause);
      return version;
    });
  }

  async describe(name: string, version: StoredObject, changes: Pick<StoredObject, "tags">, cause: Cause) {
    return this.#change(name, version.key, async bucket => {
      if (bucket.find(version.key, version.versionId) !== version) throw errors.noSuchKey(version.key);
      const described = { ...version, ...changes };
      const events = this.notifications.eventsOf(bucket, this.settings(name), described, this.#sequencer.next(), cause);
      await this.state.batch([{ put: pathOf(name, version), value: described }, ...events.map(toStateChange)]);
      bucket.put(described);
      this.notifications.deliver(events);
    });
  }

  #change<T>(name: string, key: string, change: (bucket: Bucket) => Promise<T>): Promise<T> {
    return this.lock.run(`${name}/${key}`, () => change(this.bucket(name)));
  }

  #identity(bucket: Bucket, key: string) {
    const versionId = bucket.record.versioning === "Enabled" ? randomBytes(24).toString("base64url") : "null";
    return { key, versionId, sequencer: this.#sequencer.next(), modifiedMs: this.cloud.clock.nowMs() };
  }

  /** A version without an id replaces the previous one. */
  #replaced(bucket: Bucket, version: Version): Version[] {
    return version.versionId === "null" ? bucket.versions(version.key).filter(({ versionId }) => versionId === "null") : [];
  }

  async #commit(bucket: Bucket, added: Version | undefined, removed: readonly Version[], cause: Cause) {
    const subject = added ?? removed[0]!;
    const sequencer = added?.sequencer ?? this.#sequencer.next();
    const events = this.notifications.eventsOf(bucket, this.settings(bucket.name), subject, sequencer, cause);
    await this.state.batch([
      ...removed.map(version => ({ delete: pathOf(bucket.name, version) })),
      ...(added === undefined ? [] : [{ put: pathOf(bucket.name, added), value: added }]),
      ...events.map(toStateChange),
      ...(cause.alongside ?? []),
    ]);
    for (const version of removed) bucket.remove(version);
    if (added !== undefined) bucket.put(added);
    this.notifications.deliver(events);
    await this.bodies.remove(removed.flatMap(version => (version.deleteMarker ? [] : version.segments)));
  }

  *#segments(): Generator<Segment> {
    for (const bucket of this.buckets.values())
      for (const key of bucket.keys()) for (const version of bucket.versions(key)) if (!version.deleteMarker) yield* version.segments;
    yield* this.uploads.segments();
  }

  async abortUpload(upload: Upload) {
    await this.state.batch(this.uploads.endingOf(upload));
    this.uploads.forget(upload);
    await this.bodies.remove([...upload.parts.values()].flatMap(part => part.segments));
  }
}

const pathOf = (bucket: string, version: Version) => `version/${bucket}/${version.sequencer}`;

const toStateChange = (event: ObjectEvent): StateChange => ({ put: event.path, value: event });

export type { ObjectDraft };
export { Store };
