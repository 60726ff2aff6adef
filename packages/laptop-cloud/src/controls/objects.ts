/** The objects of buckets: listed, described, opened or downloaded, and put. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { administrator, pageReader } from "../kernel/caller";
import { HttpError } from "../kernel/http";
import type { Cloud } from "../kernel/service";
import type { BucketContents, ObjectReport } from "../protocol";
import { findResource } from "./find-resource";

const MAX_OBJECTS = 200;

/** A bucket's objects, sorted by key. Throws `HttpError` 404. */
const readBucket = async (cloud: Cloud, name: string | null): Promise<BucketContents> => {
  const Bucket = bucketOf(cloud, name);
  const { Contents = [], IsTruncated } = await cloud.call("s3", "ListObjectsV2", { Bucket, MaxKeys: MAX_OBJECTS }, pageReader);
  const objects = (Contents as { Key: string; Size: number; LastModified: Date }[]).map(({ Key, Size, LastModified }) => ({
    key: Key,
    sizeBytes: Size,
    atMs: LastModified.getTime(),
  }));
  return { objects, hasMore: IsTruncated === true };
};

/** One object, without its bytes. Throws `HttpError` and `AwsError` 404. */
const readObject = async (cloud: Cloud, query: URLSearchParams): Promise<ObjectReport> => {
  const { Key, ...input } = toInput(cloud, query);
  const head = await cloud.call("s3", "HeadObject", { Key, ...input }, pageReader);
  return {
    key: Key,
    type: head.ContentType ?? "",
    shownAs: shownTypeOf(Key, head.ContentType),
    sizeBytes: head.ContentLength,
    atMs: head.LastModified.getTime(),
    etag: head.ETag,
    metadata: head.Metadata ?? {},
  };
};

/**
 * Sends an object's bytes, to be shown or (with `download=1`) saved. It may be anybody's HTML, so it runs in a sandbox, which Chromium's viewer
 * of PDFs does not support. Throws `HttpError` and `AwsError` 404.
 */
const sendObject = async (cloud: Cloud, query: URLSearchParams, { request, response }: Exchange) => {
  const input = toInput(cloud, query);
  const found = await cloud.call("s3", "GetObject", { ...input, Range: request.headers.range }, pageReader);
  const type = shownTypeOf(input.Key, found.ContentType);
  const fileName = encodeURIComponent(input.Key.split("/").at(-1)!);
  const isDownload = query.get("download") === "1";
  response.writeHead(found.ContentRange === undefined ? 200 : 206, {
    "content-type": isDownload ? type : toViewed(type),
    "content-length": found.ContentLength,
    ...(found.ContentRange === undefined ? {} : { "content-range": found.ContentRange }),
    "content-disposition": `${isDownload ? "attachment" : "inline"}; filename*=UTF-8''${fileName}`,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    ...(type === "application/pdf"
      ? {}
      : { "content-security-policy": "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'" }),
  });
  await pipeline(found.Body, response);
};

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

interface NewObject {
  key: string;
  bytes: Buffer;
  /** The media type. */
  type: string | undefined;
}

/** Puts an object as the administrator. Throws `HttpError` 400 and 404. */
const putObject = async (cloud: Cloud, name: string | null, { key, bytes, type }: NewObject): Promise<object> => {
  const Bucket = bucketOf(cloud, name);
  if (key === "") throw new HttpError(400, "invalid_arguments", "key is missing. It must be the object's key.");
  await cloud.call(
    "s3",
    "PutObject",
    { Bucket, Key: key, Body: bytes, ...(type === undefined ? {} : { ContentType: type }) },
    administrator,
  );
  return { key, sizeBytes: bytes.length };
};

const bucketOf = ({ inventory }: Cloud, name: string | null) => findResource(inventory, "aws:s3/bucket:Bucket", name, "bucket").id;

const toInput = (cloud: Cloud, query: URLSearchParams) => ({ Bucket: bucketOf(cloud, query.get("bucket")), Key: query.get("key") ?? "" });

/** Types of objects that were stored without one, by the end of the key. */
const TYPES: Record<string, string> = {
  csv: "text/csv",
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  md: "text/plain",
  pdf: "application/pdf",
  png: "image/png",
  txt: "text/plain",
  webp: "image/webp",
};

/** S3's type for objects that were stored without one. */
const NO_TYPE = ["binary/octet-stream", "application/octet-stream"];

const shownTypeOf = (key: string, type = NO_TYPE[0]!): string => {
  const known = NO_TYPE.includes(type) ? (TYPES[key.split(".").at(-1)!.toLowerCase()] ?? type) : type;
  return known.startsWith("text/") && !known.includes("charset") ? `${known}; charset=utf-8` : known;
};

/** Browsers save text of types that they don't know, such as CSV, instead of showing it. */
const toViewed = (type: string): string =>
  /^text\/(?!html|xml|css)|^application\/(x-)?ndjson/.test(type) ? "text/plain; charset=utf-8" : type;

export { putObject, readBucket, readObject, sendObject };
