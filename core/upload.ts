import type { AboutFile } from "#core/notice/failure";

/** An object that was uploaded to a bucket. The input of the executions that process it. */
interface Upload {
  about: AboutFile;
  /** The key of the object. */
  key: string;
  /** The content that this execution processes. */
  eTag: string;
  /** ISO 8601. */
  uploadedAt: string;
  /** The name of the execution, which may be part of the keys of intermediate objects. */
  run: string;
}

export type { Upload };
