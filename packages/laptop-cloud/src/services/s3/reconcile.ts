import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { administrator } from "../../kernel/caller";
import type { Resource } from "../../kernel/service";
import type { Store } from "./store";

const objectTypes = ["aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2"];

/** Creates the buckets and puts the objects that the program declares. */
const reconcile = async (store: Store) => {
  for (const { id } of store.cloud.inventory.ofType("aws:s3/bucket:Bucket")) await store.declare(id);
  await putObjects(store);
};

/** Objects that already have the declared content are not written again. */
const putObjects = async (store: Store) => {
  for (const resource of objectTypes.flatMap(type => store.cloud.inventory.ofType(type))) {
    const content = await contentOf(resource);
    const { bucket, ...inputs } = resource.inputs;
    const key: string = resource.outputs["key"];
    const md5 = createHash("md5").update(content).digest("hex");
    if (store.bucket(bucket).current(key)?.etag === md5) continue;
    const { cacheControl, contentDisposition, contentEncoding, contentLanguage, contentType, metadata, storageClass, tags } = inputs;
    const input = {
      Bucket: bucket,
      Key: key,
      Body: content,
      CacheControl: cacheControl,
      ContentDisposition: contentDisposition,
      ContentEncoding: contentEncoding,
      ContentLanguage: contentLanguage,
      ContentType: contentType,
      Metadata: metadata,
      StorageClass: storageClass,
      Tagging: tags && new URLSearchParams(tags).toString(),
    };
    await store.cloud.call("s3", "PutObject", input, administrator);
  }
};

/** The text, the bytes, or the file or text of a Pulumi asset. */
const contentOf = async ({ name, inputs }: Resource): Promise<Buffer> => {
  const { content, contentBase64, source } = inputs;
  if (content !== undefined) return Buffer.from(content);
  if (contentBase64 !== undefined) return Buffer.from(contentBase64, "base64");
  if (source === undefined) return Buffer.alloc(0);
  // Pulumi's FileAsset and StringAsset.
  if (typeof source.path === "string") return readFile(source.path);
  if (typeof source.text === "string") return Buffer.from(source.text);
  throw new Error(`"${name}" has a source that is neither a file nor a text: the laptop cloud can't read it.`);
};

export { reconcile };
