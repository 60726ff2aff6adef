import { inflateRawSync } from "node:zlib";
import { AwsError } from "../../kernel/aws-error";

/** Where a ZIP file's directory ends, and each entry of it begins (PKWARE APPNOTE 6.3, sections 4.3.12 and 4.3.16). */
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endBytes = 22;

/** A ZIP file's files by path. Throws `AwsError` InvalidParameterValueException for what is none, and for ZIP64 or encrypted entries. */
const unzip = (zip: Buffer): Map<string, Buffer> => {
  const files = new Map<string, Buffer>();
  const end = findEnd(zip);
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.length < at + 46 || zip.readUInt32LE(at) !== entrySignature) throw unreadable();
    const nameBytes = zip.readUInt16LE(at + 28);
    const path = zip.toString("utf8", at + 46, at + 46 + nameBytes);
    if (!path.endsWith("/")) files.set(path, readEntry(zip, at));
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
};

/** The end record is followed by a comment of any length up to 64 KB only. */
const findEnd = (zip: Buffer): number => {
  for (let at = zip.length - endBytes; at >= 0 && at >= zip.length - endBytes - 0xffff; at--) {
    if (zip.readUInt32LE(at) === endSignature) return at;
  }
  throw unreadable();
};

const readEntry = (zip: Buffer, at: number): Buffer => {
  const flags = zip.readUInt16LE(at + 8);
  const method = zip.readUInt16LE(at + 10);
  const sizeBytes = zip.readUInt32LE(at + 20);
  const header = zip.readUInt32LE(at + 42);
  if ((flags & 1) === 1 || sizeBytes === 0xffffffff || zip.length < header + 30) throw unreadable();
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const bytes = zip.subarray(start, start + sizeBytes);
  if (method === 0) return Buffer.from(bytes);
  if (method === 8) return inflateRawSync(bytes);
  throw unreadable();
};

const unreadable = () =>
  new AwsError("InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again.");

export { unzip };
