/**
 * Which shared files a model can be given. The limits are those of Amazon Bedrock's Converse API.
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html
 */
import { readPicture } from "#core/agent/picture";
import { buildQuote } from "#core/quote";

/** The kind of content block in which a model gets a file, and its format. Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html */
type ModelFormat =
  | { kind: "picture"; format: "png" | "jpeg" | "gif" | "webp" }
  | { kind: "document"; format: "pdf" | "csv" | "doc" | "docx" | "xls" | "xlsx" | "html" | "txt" | "md" };

type ModelKind = ModelFormat["kind"];

/** How many files of a kind a request may have, and how large each may be. */
const LIMITS: Record<ModelKind, { files: number; bytes: number }> = {
  picture: { files: 20, bytes: 3_750_000 },
  document: { files: 5, bytes: 4_500_000 },
};
const MAX_PIXELS = 8000;

/** By Slack's MIME type. */
const FORMATS: Record<string, ModelFormat> = {
  "image/png": { kind: "picture", format: "png" },
  "image/jpeg": { kind: "picture", format: "jpeg" },
  "image/gif": { kind: "picture", format: "gif" },
  "image/webp": { kind: "picture", format: "webp" },
  "application/pdf": { kind: "document", format: "pdf" },
  "application/msword": { kind: "document", format: "doc" },
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": { kind: "document", format: "docx" },
  "application/vnd.ms-excel": { kind: "document", format: "xls" },
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": { kind: "document", format: "xlsx" },
  "text/csv": { kind: "document", format: "csv" },
  "text/html": { kind: "document", format: "html" },
  "text/markdown": { kind: "document", format: "md" },
  "application/json": { kind: "document", format: "txt" },
};

/** How files of a format begin. The others are text. */
const BEGINNINGS: Partial<Record<ModelFormat["format"], string>> = {
  pdf: "%PDF-",
  doc: "\xd0\xcf\x11\xe0",
  xls: "\xd0\xcf\x11\xe0",
  docx: "PK\x03\x04",
  xlsx: "PK\x03\x04",
};

/** Finds the format for a MIME type; undefined if models can't read the type. */
const findFormat = (mimetype: string): ModelFormat | undefined => {
  const type = mimetype.toLowerCase();
  if (Object.hasOwn(FORMATS, type)) return FORMATS[type];
  return type.startsWith("text/") ? { kind: "document", format: "txt" } : undefined;
};

/** Says why models can't read a type. */
const describeUnreadable = (mimetype: string): string =>
  `its type is ${buildQuote(mimetype)}, but must be a picture (PNG, JPEG, GIF, WebP), a PDF, a text, or a document of Word or Excel.`;

/**
 * Checks the content, because a request with one wrong file fails as a whole. Returns what the model gets, since a picture's name may lie about
 * its format, or a sentence about what is wrong.
 */
const inspectContent = (announced: ModelFormat, bytes: Buffer): ModelFormat | string => {
  if (bytes.length === 0) return "it is empty.";
  if (announced.kind === "picture") return inspectPicture(bytes);
  const beginning = BEGINNINGS[announced.format];
  const isWhole = beginning === undefined ? isText(bytes) : bytes.toString("latin1", 0, beginning.length) === beginning;
  return isWhole ? announced : `its content is not ${beginning === undefined ? "text in UTF-8" : announced.format.toUpperCase()}.`;
};

const inspectPicture = (bytes: Buffer): ModelFormat | string => {
  const picture = readPicture(bytes);
  if (picture === undefined) return "its content is not a picture.";
  const { format, width, height } = picture;
  if (Math.max(width, height) > MAX_PIXELS) return `it has ${width} x ${height} pixels; at most ${MAX_PIXELS} each way can be read.`;
  return { kind: "picture", format };
};

const isText = (bytes: Buffer): boolean => {
  try {
    return !new TextDecoder("utf-8", { fatal: true }).decode(bytes).includes("\0");
  } catch {
    return false;
  }
};

export type { ModelFormat, ModelKind };
export { describeUnreadable, findFormat, inspectContent, LIMITS };
