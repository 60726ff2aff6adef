/** Reads the format and the size of a picture from its first bytes, whatever its name says. */

type PictureFormat = "png" | "jpeg" | "gif" | "webp";

/** Width and height are in pixels. */
interface Picture {
  format: PictureFormat;
  width: number;
  height: number;
}

/** Reads a picture's head; undefined if the bytes are no picture, or not one of these formats. */
const readPicture = (bytes: Buffer): Picture | undefined => {
  try {
    return readPng(bytes) ?? readGif(bytes) ?? readWebp(bytes) ?? readJpeg(bytes);
  } catch (error) {
    // The file ends before its size.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

const startsWith = (bytes: Buffer, text: string, at = 0): boolean => bytes.toString("latin1", at, at + text.length) === text;

/** Source: https://www.w3.org/TR/png-3/#11IHDR */
const readPng = (bytes: Buffer): Picture | undefined =>
  startsWith(bytes, "\x89PNG\r\n\x1a\n") ? { format: "png", width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : undefined;

/** Source: https://www.w3.org/Graphics/GIF/spec-gif89a.txt */
const readGif = (bytes: Buffer): Picture | undefined =>
  startsWith(bytes, "GIF87a") || startsWith(bytes, "GIF89a")
    ? { format: "gif", width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
    : undefined;

/** Lossy, lossless and extended files have their size in different places. Source: https://developers.google.com/speed/webp/docs/riff_container */
const readWebp = (bytes: Buffer): Picture | undefined => {
  if (!startsWith(bytes, "RIFF") || !startsWith(bytes, "WEBP", 8)) return undefined;
  if (startsWith(bytes, "VP8 ", 12))
    return { format: "webp", width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  if (startsWith(bytes, "VP8L", 12)) {
    const size = bytes.readUInt32LE(21);
    return { format: "webp", width: (size & 0x3fff) + 1, height: ((size >>> 14) & 0x3fff) + 1 };
  }
  if (!startsWith(bytes, "VP8X", 12)) return undefined;
  return { format: "webp", width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
};

/** Markers of frames, without those of tables. Source: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1 */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const isPadding = (marker: number): boolean => marker === 0xff;

/** Follows the segments to the first frame. */
const readJpeg = (bytes: Buffer): Picture | undefined => {
  if (!startsWith(bytes, "\xff\xd8\xff")) return undefined;
  for (let at = 2; bytes.readUInt8(at) === 0xff; ) {
    const marker = bytes.readUInt8(at + 1);
    if (isFrame(marker)) return { format: "jpeg", width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    at += isPadding(marker) ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
};

export { readPicture };
