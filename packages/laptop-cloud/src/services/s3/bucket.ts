import type { Segment } from "./bodies";
import type { ChecksumAlgorithm } from "./checksum";
import { compareKeys } from "./key-order";
import type { ChangedSettings } from "./settings";

type VersioningStatus = "Enabled" | "Suspended";

/** A bucket as it is stored, with the settings that the API has set. */
interface BucketRecord extends ChangedSettings {
  name: string;
  createdMs: number;
  /** Absent: never versioned. */
  versioning?: VersioningStatus;
}

type Version = StoredObject | DeleteMarker;

interface VersionIdentity {
  key: string;
  /** "null" if the bucket was not versioned when it was written. */
  versionId: string;
  /** Increases with every change in this S3. Hexadecimal, of constant length. */
  sequencer: string;
  modifiedMs: number;
}

interface DeleteMarker extends VersionIdentity {
  deleteMarker: true;
}

interface StoredObject extends VersionIdentity, ObjectDescription {
  deleteMarker: false;
  segments: Segment[];
  sizeBytes: number;
  /** Without quotes. */
  etag: string;
  checksum?: StoredChecksum;
  /** Sizes of the parts of a multipart upload. */
  partBytes?: number[];
}

interface StoredChecksum {
  algorithm: ChecksumAlgorithm;
  value: string;
  type: "FULL_OBJECT" | "COMPOSITE";
}

/** An object's headers, metadata and tags. */
interface ObjectDescription {
  /** ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires, StorageClass. */
  headers: Record<string, string>;
  metadata: Record<string, string>;
  tags: Record<string, string>;
}

/** The objects of one bucket, in memory; all of them are on disk too. */
class Bucket {
  readonly #versions = new Map<string, Version[]>();
  #sortedKeys: string[] | undefined;

  constructor(readonly record: BucketRecord) {}

  get name() {
    return this.record.name;
  }

  get isEmpty() {
    return this.#versions.size === 0;
  }

  /** Keys of all versions, sorted as in listings. */
  keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#versions.keys()].sort(compareKeys);
    return this.#sortedKeys;
  }

  /** Newest first. */
  versions(key: string): readonly Version[] {
    return this.#versions.get(key) ?? [];
  }

  /** The object that a read without a version finds. */
  current(key: string): StoredObject | undefined {
    const newest = this.versions(key)[0];
    return newest === undefined || newest.deleteMarker ? undefined : newest;
  }

  currentObjects(): StoredObject[] {
    return this.keys()
      .map(key => this.current(key))
      .filter(object => object !== undefined);
  }

  find(key: string, versionId: string): Version | undefined {
    return this.versions(key).find(version => version.versionId === versionId);
  }

  /** Adds a version, or replaces the one with the same sequencer. */
  put(version: Version) {
    const others = this.versions(version.key).filter(({ sequencer }) => sequencer !== version.sequencer);
    if (!this.#versions.has(version.key)) this.#sortedKeys = undefined;
    this.#versions.set(
      version.key,
      [...others, version].sort((a, b) => (a.sequencer < b.sequencer ? 1 : -1)),
    );
  }

  remove(version: Version) {
    const rest = this.versions(version.key).filter(other => other !== version);
    if (rest.length > 0) {
      this.#versions.set(version.key, rest);
      return;
    }
    this.#versions.delete(version.key);
    this.#sortedKeys = undefined;
  }
}

export type { BucketRecord, DeleteMarker, ObjectDescription, StoredChecksum, StoredObject, Version, VersioningStatus };
export { Bucket };
