import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { s3 } from "../../../src/services/s3";
import { rejection } from "./rejection";

const Bucket = "archive";
const Key = "large.bin";
const mebibyte = 1024 ** 2;

describe("s3 multipart", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: S3Client;

  before(async () => {
    laptop = await startLaptop({ definitions: [s3], resources: [{ type: "aws:s3/bucket:Bucket", name: Bucket, inputs: {} }] });
    client = new S3Client(laptop.client);
  });

  after(async () => {
    client.destroy();
    await laptop.stop();
  });

  const begin = async (more = {}) => (await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId!;
  const upload = (UploadId: string, PartNumber: number, Body: Buffer | string, more = {}) =>
    client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...more }));
  const complete = (UploadId: string, Parts: { PartNumber: number; ETag?: string }[]) =>
    client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));

  it("joins the parts, in order, with AWS's ETag, metadata and checksum", async () => {
    const id = await begin({ Metadata: { who: "U0001" }, ContentType: "text/csv", ChecksumAlgorithm: "CRC32" });
    const [one, two] = [Buffer.alloc(5 * mebibyte, "1"), Buffer.from("2")];
    const second = await upload(id, 2, two, { ChecksumAlgorithm: "CRC32" });
    const first = await upload(id, 1, one, { ChecksumAlgorithm: "CRC32" });

    const done = await complete(id, [
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 2, ETag: second.ETag },
    ]);

    const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest();
    expect(done.ETag).to.equal(`"${md5(Buffer.concat([md5(one), md5(two)])).toString("hex")}-2"`);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED", PartNumber: 2 }));
    expect(head).to.deep.include({ ContentLength: 1, PartsCount: 2, Metadata: { who: "U0001" }, ContentType: "text/csv" });
    expect(done.ChecksumCRC32).to.match(/-2$/);
    const across = await client.send(new GetObjectCommand({ Bucket, Key, Range: `bytes=${5 * mebibyte - 2}-` }));
    expect(await across.Body!.transformToString()).to.equal("112");
  });

  it("lists parts and uploads, and deletes them when aborted", async () => {
    const id = await begin();
    await upload(id, 3, "three");
    await upload(id, 1, "one");

    const { Parts } = await client.send(new ListPartsCommand({ Bucket, Key, UploadId: id }));
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id }));

    expect(Parts!.map(({ PartNumber, Size }) => [PartNumber, Size])).to.deep.equal([
      [1, 3],
      [3, 5],
    ]);
    expect(Uploads!.map(({ UploadId }) => UploadId)).to.deep.equal([id]);
    expect((await rejection(upload(id, 1, "again"))).name).to.equal("NoSuchUpload");
  });

  it("refuses small, unknown and unordered parts", async () => {
    const id = await begin();
    const [one, two] = [await upload(id, 1, "one"), await upload(id, 2, "two")];
    const parts = [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ];

    expect((await rejection(complete(id, parts))).name).to.equal("EntityTooSmall");
    expect((await rejection(complete(id, [...parts].reverse()))).name).to.equal("InvalidPartOrder");
    expect((await rejection(complete(id, [{ PartNumber: 9, ETag: one.ETag }]))).name).to.equal("InvalidPart");
    expect((await rejection(complete(id, [{ PartNumber: 1, ETag: two.ETag }]))).name).to.equal("InvalidPart");
    expect((await rejection(upload(id, 10_001, "x"))).name).to.equal("InvalidArgument");
    await complete(id, [parts[0]!]);
    expect((await rejection(complete(id, [parts[0]!]))).name).to.equal("NoSuchUpload");
  });

  it("copies a range of another object as a part", async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: "source", Body: "0123456789" }));
    const id = await begin();

    const { CopyPartResult } = await client.send(
      new UploadPartCopyCommand({ Bucket, Key, UploadId: id, PartNumber: 1, CopySource: `${Bucket}/source`, CopySourceRange: "bytes=2-4" }),
    );
    await complete(id, [{ PartNumber: 1, ETag: CopyPartResult!.ETag }]);

    expect(await (await client.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString()).to.equal("234");
  });

  it("streams 160 MB in and out without buffering them", async () => {
    const chunk = Buffer.alloc(mebibyte, "x");
    const chunks = 160;
    let mostBytes = 0;
    const look = () => {
      mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers);
    };
    const body = Readable.from(
      (function* () {
        for (let index = 0; index < chunks; index += 1) {
          look();
          yield chunk;
        }
      })(),
    );
    const beforeBytes = process.memoryUsage().arrayBuffers;

    await client.send(new PutObjectCommand({ Bucket, Key: "flat", Body: body, ContentLength: chunks * mebibyte }));
    let sizeBytes = 0;
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "flat" }));
    for await (const part of Body as Readable) {
      look();
      sizeBytes += part.length;
    }

    expect(sizeBytes).to.equal(chunks * mebibyte);
    // The client and the cloud share this process, and V8 lets some 60 MB of garbage accumulate before it collects it.
    expect(mostBytes - beforeBytes).to.be.below(128 * mebibyte);
  });
});
