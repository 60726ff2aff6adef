import type { Saying } from "./slack";

/** Files as they are said along with a message. What the browser does not know the type of is bytes. */
const readFiles = (files: File[]): Promise<NonNullable<Saying["files"]>> =>
  Promise.all(
    files.map(async file => ({
      name: file.name,
      mimetype: file.type.split(";")[0] || "application/octet-stream",
      base64: toBase64(new Uint8Array(await file.arrayBuffer())),
    })),
  );

/** Calls take some ten thousand arguments, no more. */
const chunkBytes = 8192;

const toBase64 = (bytes: Uint8Array): string => {
  let binary = "";
  for (let from = 0; from < bytes.length; from += chunkBytes) binary += String.fromCharCode(...bytes.subarray(from, from + chunkBytes));
  return btoa(binary);
};

export { readFiles };
