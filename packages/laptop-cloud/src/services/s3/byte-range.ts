import { errors } from "./errors";

/** Bytes `start` to `end`, both included. */
interface ByteRange {
  start: number;
  end: number;
}

/**
 * Reads a Range header (RFC 9110, 14.2): `bytes=0-9`, `bytes=5-`, `bytes=-3`. Absent for what S3 ignores: several ranges, other units.
 *
 * Throws `AwsError` InvalidRange.
 */
const parseByteRange = (header: string | undefined, sizeBytes: number): ByteRange | undefined => {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  const start = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (start > end) throw errors.invalidRange(sizeBytes);
  return { start, end };
};

export type { ByteRange };
export { parseByteRange };
