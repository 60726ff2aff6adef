import type { SayRequest } from "../src/protocol";

/** Reads files to send with a message. A file of unknown type counts as bytes. */
const readFiles = (files: File[]): Promise<NonNullable<SayRequest["files"]>> =>
  Promise.all(
    files.map(async file => ({
      name: file.name,
      mimetype: file.type.split(";")[0] || "application/octet-stream",
      base64: toBase64(new Uint8Array(await file.arrayBuffer())),
    })),
  );

/** Far below the number of arguments that a call can have. */
const CHUNK_BYTES = 8192;

const toBase64 = (bytes: Uint8Array): string => {
  let binary = "";
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) binary += String.fromCharCode(...bytes.subarray(from, from + CHUNK_BYTES));
  return btoa(binary);
};

export { readFiles };
