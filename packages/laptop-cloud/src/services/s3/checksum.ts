import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** The checksums that S3 verifies ("Checking object integrity"). */
const checksumAlgorithms = ["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"] as const;
type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

interface Checksum {
  update(chunk: Buffer): void;
  /** Base64, big-endian. */
  digest(): string;
}

const createChecksum = (algorithm: ChecksumAlgorithm): Checksum => {
  switch (algorithm) {
    case "CRC32":
      return createCrc32(crc32);
    case "CRC32C":
      return createCrc32(crc32c);
    case "CRC64NVME":
      return createCrc64Nvme();
    case "SHA1":
    case "SHA256": {
      const hash = createHash(algorithm.toLowerCase());
      return { update: chunk => void hash.update(chunk), digest: () => hash.digest("base64") };
    }
  }
};

const isChecksumAlgorithm = (name: unknown): name is ChecksumAlgorithm => checksumAlgorithms.includes(name as ChecksumAlgorithm);

/** `x-amz-checksum-crc32` */
const checksumHeader = (algorithm: ChecksumAlgorithm) => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** `ChecksumCRC32`, the member of an SDK command. */
const checksumMember = (algorithm: ChecksumAlgorithm) => `Checksum${algorithm}` as const;

/** The checksum of checksums that a multipart upload has unless it asks for one of the full object. */
const compositeChecksum = (algorithm: ChecksumAlgorithm, parts: string[]): string => {
  const checksum = createChecksum(algorithm);
  for (const part of parts) checksum.update(Buffer.from(part, "base64"));
  return `${checksum.digest()}-${parts.length}`;
};

const createCrc32 = (step: (chunk: Buffer, value: number) => number): Checksum => {
  let value = 0;
  return {
    update: chunk => {
      value = step(chunk, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value >>> 0);
      return bytes.toString("base64");
    },
  };
};

/** CRC-32C (Castagnoli), polynomial 0x1EDC6F41, here bit-reversed. */
const crc32cTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

const crc32c = (chunk: Buffer, start: number): number => {
  let value = ~start;
  for (const byte of chunk) value = crc32cTable[(value ^ byte) & 0xff]! ^ (value >>> 8);
  return ~value >>> 0;
};

/** CRC-64/NVME, polynomial 0xAD93D23594C93659, here bit-reversed; in two halves of 32 bits, since BigInt is slow. */
const crc64Polynomial = { high: 0x9a6c9329, low: 0xac4bc9b5 };
const crc64High = new Uint32Array(256);
const crc64Low = new Uint32Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    const odd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (odd) {
      high ^= crc64Polynomial.high;
      low ^= crc64Polynomial.low;
    }
  }
  crc64High[byte] = high;
  crc64Low[byte] = low;
}

const createCrc64Nvme = (): Checksum => {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update: chunk => {
      for (const byte of chunk) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ crc64Low[index]!;
        high = (high >>> 8) ^ crc64High[index]!;
      }
    },
    digest: () => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE(~high >>> 0);
      bytes.writeUInt32BE(~low >>> 0, 4);
      return bytes.toString("base64");
    },
  };
};

export type { Checksum, ChecksumAlgorithm };
export { checksumAlgorithms, checksumHeader, checksumMember, compositeChecksum, createChecksum, isChecksumAlgorithm };
