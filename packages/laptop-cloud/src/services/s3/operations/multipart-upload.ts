import { createHash } from "node:crypto";
import type { OperationOf } from "../../../kernel/service";
import { authorizeBucket, authorizeObject } from "../access";
import type { StoredChecksum } from "../bucket";
import { parseByteRange } from "../byte-range";
import { checksumMember, compositeChecksum, createChecksum } from "../checksum";
import { errors } from "../errors";
import { parseChecksumAlgorithm, receiveUpload, type UploadInput } from "../incoming-body";
import { compareKeys } from "../key-order";
import type { Part, Upload } from "../multipart-uploads";
import { verifyKey } from "../names";
import { type DescriptionInput, readDescription } from "../object-description";
import { checkWrite, type Preconditions } from "../precondition";
import type { Store } from "../store";
import { writtenOutput } from "../written-output";
import { type CopySourceInput, findSource } from "./copy-object";

interface UploadAddress {
  Bucket: string;
  Key: string;
  UploadId: string;
}

type PartAddress = UploadAddress & { PartNumber: number };

type CompleteInput = UploadAddress & {
  MultipartUpload: { Parts: { PartNumber: number; ETag?: string }[] };
  MpuObjectSize?: number;
} & Preconditions;

/** "Amazon S3 multipart upload limits". */
const MAX_PARTS = 10_000;
const MIN_PART_BYTES = 5 * 1024 ** 2;

const createMultipartUpload: OperationOf<Store> = async (
  store,
  input: { Bucket: string; Key: string; ChecksumAlgorithm?: string; ChecksumType?: StoredChecksum["type"] } & DescriptionInput,
  call,
) => {
  const { Bucket, Key } = input;
  authorizeObject(store, call, "s3:PutObject", { Bucket, Key });
  if (input.Tagging !== undefined) authorizeObject(store, call, "s3:PutObjectTagging", { Bucket, Key });
  verifyKey(Key);
  store.bucket(Bucket);
  const algorithm = parseChecksumAlgorithm(input.ChecksumAlgorithm);
  const type = input.ChecksumType ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
  const { uploadId } = await store.uploads.begin({
    bucket: Bucket,
    key: Key,
    initiatedMs: store.cloud.clock.nowMs(),
    ...readDescription(input),
    ...(algorithm === undefined ? {} : { checksum: { algorithm, type } }),
  });
  return {
    Bucket,
    Key,
    UploadId: uploadId,
    ServerSideEncryption: "AES256",
    ...(algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm, ChecksumType: type }),
  };
};

const uploadPart: OperationOf<Store> = async (store, input: PartAddress & UploadInput, call) => {
  authorizeObject(store, call, "s3:PutObject", input);
  verifyPartNumber(input.PartNumber);
  const upload = store.uploads.find(input.Bucket, input.Key, input.UploadId);
  const received = await receiveUpload(store.bodies, input, upload.record.checksum?.algorithm);
  const part = await putPart(store, input, received);
  return {
    ETag: `"${part.md5}"`,
    ServerSideEncryption: "AES256",
    ...(received.checksum === undefined ? {} : { [checksumMember(received.checksum.algorithm)]: received.checksum.value }),
  };
};

const uploadPartCopy: OperationOf<Store> = async (store, input: PartAddress & CopySourceInput & { CopySourceRange?: string }, call) => {
  const { source, address } = findSource(store, input, call);
  authorizeObject(store, call, "s3:PutObject", input);
  verifyPartNumber(input.PartNumber);
  const upload = store.uploads.find(input.Bucket, input.Key, input.UploadId);
  const range = parseByteRange(input.CopySourceRange, source.sizeBytes);
  const chunks = store.bodies.read(source.segments, range?.start ?? 0, range?.end ?? source.sizeBytes - 1);
  const body = { chunks, trailers: new Map<string, string>(), announced: [] };
  const part = await putPart(store, input, await receiveUpload(store.bodies, { Body: body }, upload.record.checksum?.algorithm));
  return {
    CopyPartResult: { ETag: `"${part.md5}"`, LastModified: new Date(part.modifiedMs) },
    ...(address.VersionId === undefined ? {} : { CopySourceVersionId: address.VersionId }),
    ServerSideEncryption: "AES256",
  };
};

/** Behaves as CompleteMultipartUpload (Amazon S3 API Reference); differs: completing twice is NoSuchUpload, not the first answer again. */
const completeMultipartUpload: OperationOf<Store> = async (store, input: CompleteInput, call) => {
  const { Bucket, Key, UploadId } = input;
  authorizeObject(store, call, "s3:PutObject", { Bucket, Key });
  return store.lock.run(UploadId, async () => {
    const upload = store.uploads.find(Bucket, Key, UploadId);
    const parts = chooseParts(upload, input.MultipartUpload.Parts);
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== sizeBytes)
      throw errors.invalidRequest(
        `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${sizeBytes}`,
      );
    const bucket = store.bucket(Bucket);
    checkWrite(bucket.current(Key), Key, input);
    const { headers, metadata, tags } = upload.record;
    const version = await store.put(
      Bucket,
      {
        key: Key,
        headers,
        metadata,
        tags,
        segments: parts.flatMap(part => part.segments),
        sizeBytes,
        etag: etagOf(parts),
        checksum: await checksumOf(store, upload, parts),
        partBytes: parts.map(part => part.sizeBytes),
      },
      { eventName: "ObjectCreated:CompleteMultipartUpload", call, alongside: store.uploads.endingOf(upload) },
      current => checkWrite(current, Key, input),
    );
    store.uploads.forget(upload);
    const unused = [...upload.parts.values()].filter(part => !parts.includes(part));
    await store.bodies.remove(unused.flatMap(part => part.segments));
    return {
      Location: `${store.cloud.place.awsUrl}/${Bucket}/${encodeURIComponent(Key)}`,
      Bucket,
      Key,
      ...writtenOutput(bucket, version),
    };
  });
};

const abortMultipartUpload: OperationOf<Store> = async (store, input: UploadAddress, call) => {
  authorizeObject(store, call, "s3:AbortMultipartUpload", input);
  await store.lock.run(input.UploadId, async () => store.abortUpload(store.uploads.find(input.Bucket, input.Key, input.UploadId)));
  return {};
};

const listParts: OperationOf<Store> = async (store, input: UploadAddress & { MaxParts?: number; PartNumberMarker?: string }, call) => {
  const { Bucket, Key, UploadId, MaxParts = 1000, PartNumberMarker = "0" } = input;
  authorizeObject(store, call, "s3:ListMultipartUploadParts", { Bucket, Key });
  const { parts, record } = store.uploads.find(Bucket, Key, UploadId);
  const behind = inOrder(parts.values()).filter(part => part.partNumber > Number(PartNumberMarker));
  const shown = behind.slice(0, MaxParts);
  return {
    Bucket,
    Key,
    UploadId,
    PartNumberMarker,
    NextPartNumberMarker: String(shown.at(-1)?.partNumber ?? 0),
    MaxParts,
    IsTruncated: shown.length < behind.length,
    StorageClass: record.headers["StorageClass"] ?? "STANDARD",
    ...(record.checksum === undefined ? {} : { ChecksumAlgorithm: record.checksum.algorithm, ChecksumType: record.checksum.type }),
    Parts: shown.map(part => ({
      PartNumber: part.partNumber,
      LastModified: new Date(part.modifiedMs),
      ETag: `"${part.md5}"`,
      Size: part.sizeBytes,
      ...(part.checksum === undefined || record.checksum === undefined
        ? {}
        : { [checksumMember(record.checksum.algorithm)]: part.checksum }),
    })),
  };
};

/** Behaves as ListMultipartUploads (Amazon S3 API Reference); differs: returns one page. */
const listMultipartUploads: OperationOf<Store> = async (store, { Bucket, Prefix = "" }: { Bucket: string; Prefix?: string }, call) => {
  authorizeBucket(store, call, "s3:ListBucketMultipartUploads", Bucket);
  const uploads = store.uploads
    .ofBucket(store.bucket(Bucket).name)
    .filter(({ key }) => key.startsWith(Prefix))
    .sort((a, b) => compareKeys(a.key, b.key) || a.initiatedMs - b.initiatedMs);
  return {
    Bucket,
    Prefix,
    IsTruncated: false,
    MaxUploads: Math.max(1000, uploads.length),
    Uploads: uploads.map(({ key, uploadId, initiatedMs, headers }) => ({
      Key: key,
      UploadId: uploadId,
      Initiated: new Date(initiatedMs),
      StorageClass: headers["StorageClass"] ?? "STANDARD",
    })),
  };
};

const verifyPartNumber = (partNumber: number) => {
  if (!(partNumber >= 1 && partNumber <= MAX_PARTS))
    throw errors.invalidArgument("partNumber", partNumber, `a whole number from 1 to ${MAX_PARTS}`);
};

/** Prevents changes of an upload during and after its completion. */
const putPart = (store: Store, { Bucket, Key, UploadId, PartNumber }: PartAddress, received: Awaited<ReturnType<typeof receiveUpload>>) =>
  store.lock.run(UploadId, async (): Promise<Part> => {
    const { segments, sizeBytes, md5, checksum } = received;
    const part: Part = {
      partNumber: PartNumber,
      segments,
      sizeBytes,
      md5,
      checksum: checksum?.value,
      modifiedMs: store.cloud.clock.nowMs(),
    };
    const before = await store.uploads.putPart(findOrDrop(store, { Bucket, Key, UploadId }, part), part);
    await store.bodies.remove(before?.segments ?? []);
    return part;
  });

const findOrDrop = (store: Store, { Bucket, Key, UploadId }: UploadAddress, part: Part): Upload => {
  try {
    return store.uploads.find(Bucket, Key, UploadId);
  } catch (error) {
    void store.bodies.remove(part.segments);
    throw error;
  }
};

const chooseParts = (upload: Upload, named: { PartNumber: number; ETag?: string }[]): Part[] => {
  if (named.length === 0) throw errors.malformedXml("it must have at least one part.");
  if (named.some(({ PartNumber }, index) => index > 0 && named[index - 1]!.PartNumber >= PartNumber)) throw errors.invalidPartOrder();
  return named.map(({ PartNumber, ETag }, index) => {
    const part = upload.parts.get(PartNumber);
    if (part === undefined || ETag?.replaceAll('"', "") !== part.md5) throw errors.invalidPart(PartNumber);
    if (index < named.length - 1 && part.sizeBytes < MIN_PART_BYTES) throw errors.entityTooSmall(PartNumber);
    return part;
  });
};

/** The MD5 of the parts' MD5s, and how many there are. */
const etagOf = (parts: Part[]) => {
  const hash = createHash("md5");
  for (const { md5 } of parts) hash.update(Buffer.from(md5, "hex"));
  return `${hash.digest("hex")}-${parts.length}`;
};

const checksumOf = async (store: Store, { record }: Upload, parts: Part[]): Promise<StoredChecksum | undefined> => {
  if (record.checksum === undefined) return undefined;
  const { algorithm, type } = record.checksum;
  if (type === "COMPOSITE") {
    const values = parts.map(part => part.checksum!);
    return { algorithm, type, value: compositeChecksum(algorithm, values) };
  }
  const checksum = createChecksum(algorithm);
  const segments = parts.flatMap(part => part.segments);
  for await (const chunk of store.bodies.read(segments, 0, Number.POSITIVE_INFINITY)) checksum.update(chunk);
  return { algorithm, type, value: checksum.digest() };
};

const inOrder = (parts: Iterable<Part>) => [...parts].sort((a, b) => a.partNumber - b.partNumber);

export {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
  uploadPartCopy,
};
