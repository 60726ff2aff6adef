import { errors } from "./errors";

interface Preconditions {
  IfMatch?: string;
  IfNoneMatch?: string;
  IfModifiedSince?: Date;
  IfUnmodifiedSince?: Date;
}

interface Compared {
  /** Without quotes. */
  etag: string;
  modifiedMs: number;
}

/**
 * Whether a read may answer "not modified" in place of the object (RFC 9110, 13.2.2). Throws `AwsError` PreconditionFailed.
 *
 * HTTP dates know whole seconds only.
 */
const isNotModified = (found: Compared, conditions: Preconditions): boolean => {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  const modifiedSeconds = Math.floor(found.modifiedMs / 1000);
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, found.etag)) throw errors.preconditionFailed("If-Match");
  } else if (IfUnmodifiedSince !== undefined && modifiedSeconds > seconds(IfUnmodifiedSince)) {
    throw errors.preconditionFailed("If-Unmodified-Since");
  }
  if (IfNoneMatch !== undefined) return matches(IfNoneMatch, found.etag);
  return IfModifiedSince !== undefined && modifiedSeconds <= seconds(IfModifiedSince);
};

/**
 * Checks a conditional write against the current object, if there is one ("Add preconditions to S3 operations with conditional requests").
 *
 * Throws `AwsError` PreconditionFailed, or NoSuchKey where If-Match finds nothing.
 */
const checkWrite = (found: Compared | undefined, key: string, { IfMatch, IfNoneMatch }: Preconditions) => {
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch.trim() !== "*") throw errors.invalidArgument("If-None-Match", IfNoneMatch, '"*"');
    if (found !== undefined) throw errors.preconditionFailed("If-None-Match");
  }
  if (IfMatch === undefined) return;
  if (found === undefined) throw errors.noSuchKey(key);
  if (!matches(IfMatch, found.etag)) throw errors.preconditionFailed("If-Match");
};

/**
 * Checks a conditional delete against the current object, if there is one ("How to perform conditional deletes").
 *
 * Throws `AwsError` PreconditionFailed, or NoSuchKey where an ETag finds nothing.
 */
const checkDelete = (found: Compared | undefined, key: string, IfMatch: string | undefined) => {
  if (IfMatch === "*" && found === undefined) throw errors.preconditionFailed("If-Match");
  checkWrite(found, key, { IfMatch });
};

const matches = (header: string, etag: string): boolean =>
  header.split(",").some(candidate => {
    const tag = candidate.trim().replace(/^W\//, "").replace(/^"|"$/g, "");
    return tag === "*" || tag === etag;
  });

const seconds = (date: Date) => Math.floor(date.getTime() / 1000);

export type { Compared, Preconditions };
export { checkDelete, checkWrite, isNotModified };
