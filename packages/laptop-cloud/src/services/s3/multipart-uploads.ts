import { randomBytes } from "node:crypto";
import type { State } from "../../kernel/state";
import type { Segment } from "./bodies";
import type { ObjectDescription, StoredChecksum } from "./bucket";
import type { ChecksumAlgorithm } from "./checksum";
import { errors } from "./errors";

/** An unfinished upload as it is stored. */
interface UploadRecord extends ObjectDescription {
  uploadId: string;
  bucket: string;
  key: string;
  initiatedMs: number;
  /** The checksums of the parts and the whole, if requested. */
  checksum?: { algorithm: ChecksumAlgorithm; type: StoredChecksum["type"] };
}

interface Part {
  partNumber: number;
  segments: Segment[];
  sizeBytes: number;
  md5: string;
  /** Base64, if the part was sent with one. */
  checksum?: string;
  modifiedMs: number;
}

interface Upload {
  record: UploadRecord;
  parts: Map<number, Part>;
}

/** The unfinished multipart uploads. State keys: `upload/ID`, `part/ID/NUMBER`. */
class MultipartUploads {
  readonly #uploads = new Map<string, Upload>();

  constructor(private readonly state: State) {}

  async load() {
    for (const [, record] of await this.state.entries<UploadRecord>("upload/"))
      this.#uploads.set(record.uploadId, { record, parts: new Map() });
    for (const [path, part] of await this.state.entries<Part>("part/")) {
      this.#uploads.get(path.split("/")[1]!)?.parts.set(part.partNumber, part);
    }
  }

  async begin(draft: Omit<UploadRecord, "uploadId">): Promise<UploadRecord> {
    const record = { ...draft, uploadId: randomBytes(48).toString("base64url") };
    await this.state.put(`upload/${record.uploadId}`, record);
    this.#uploads.set(record.uploadId, { record, parts: new Map() });
    return record;
  }

  /** Throws `AwsError` NoSuchUpload. */
  find(bucket: string, key: string, uploadId: string): Upload {
    const upload = this.#uploads.get(uploadId);
    if (upload?.record.bucket !== bucket || upload.record.key !== key) throw errors.noSuchUpload(uploadId);
    return upload;
  }

  ofBucket(bucket: string): UploadRecord[] {
    return [...this.#uploads.values()].map(({ record }) => record).filter(record => record.bucket === bucket);
  }

  /** Stores a part, and returns the one that it replaces. */
  async putPart(upload: Upload, part: Part): Promise<Part | undefined> {
    await this.state.put(`part/${upload.record.uploadId}/${part.partNumber}`, part);
    const before = upload.parts.get(part.partNumber);
    upload.parts.set(part.partNumber, part);
    return before;
  }

  /** The changes that delete an upload. */
  endingOf({ record, parts }: Upload) {
    return [{ delete: `upload/${record.uploadId}` }, ...[...parts.keys()].map(number => ({ delete: `part/${record.uploadId}/${number}` }))];
  }

  forget({ record }: Upload) {
    this.#uploads.delete(record.uploadId);
  }

  *segments(): Generator<Segment> {
    for (const { parts } of this.#uploads.values()) for (const part of parts.values()) yield* part.segments;
  }
}

export type { Part, Upload, UploadRecord };
export { MultipartUploads };
