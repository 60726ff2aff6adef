import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { HeadObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { s3 } from "@slack-fanout/laptop-cloud/services/s3";
import { rejectionOf, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { UploadGone } from "#core/errors";
import { Bucket } from "#stores/bucket";

const NAME = "archive";
const MEBIBYTE = 1024 ** 2;

describe("bucket", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: S3Client;
  let bucket: Bucket;

  before(async () => {
    laptop = await startLaptop({ definitions: [s3], resources: [{ type: "aws:s3/bucket:Bucket", name: NAME, inputs: {} }] });
    client = new S3Client(laptop.client);
    bucket = new Bucket(client, NAME);
  });

  after(async () => {
    client.destroy();
    await laptop.stop();
  });

  const read = async (key: string, options = {}) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await bucket.open(key, options)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  async function* stream(...chunks: Buffer[]) {
    yield* chunks;
  }
  const keys = async () => (await client.send(new ListObjectsV2Command({ Bucket: NAME }))).Contents?.map(({ Key }) => Key) ?? [];

  it("puts and opens objects with their headers", async () => {
    await bucket.put("a.txt", "text", { contentType: "text/plain", metadata: { name: "a" } });
    expect(String(await read("a.txt"))).to.equal("text");
    const head = await client.send(new HeadObjectCommand({ Bucket: NAME, Key: "a.txt" }));
    expect([head.ContentType, head.Metadata]).to.deep.equal(["text/plain", { name: "a" }]);
  });

  it("opens a range with inclusive ends", async () => {
    await bucket.put("range", "0123456789", { contentType: "text/plain" });
    expect(String(await read("range", { range: { start: 2, end: 4 } }))).to.equal("234");
  });

  it("opens an object only if it has the given content", async () => {
    await bucket.put("changing", "one", { contentType: "text/plain" });
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket: NAME, Key: "changing" }));
    expect(String(await read("changing", { eTag: ETag }))).to.equal("one");
    await bucket.put("changing", "two", { contentType: "text/plain" });
    expect(await rejectionOf(read("changing", { eTag: ETag }))).to.be.instanceOf(UploadGone);
  });

  it("tells whether an object was replaced", async () => {
    await bucket.put("newer", "one", { contentType: "text/plain" });
    const { ETag = "" } = await client.send(new HeadObjectCommand({ Bucket: NAME, Key: "newer" }));
    const bare = ETag.replace(/"/g, "");
    expect(await bucket.isReplaced("newer", bare)).to.equal(false);
    await bucket.put("newer", "two", { contentType: "text/plain" });
    expect(await bucket.isReplaced("newer", bare)).to.equal(true);
    expect(await bucket.isReplaced("missing", bare)).to.equal(false);
  });

  it("accepts an ETag without quotes, as in notifications", async () => {
    await bucket.put("bare", "one", { contentType: "text/plain" });
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket: NAME, Key: "bare" }));
    expect(String(await read("bare", { eTag: ETag!.replace(/"/g, "") }))).to.equal("one");
  });

  it("deletes an object, and does nothing if there is none", async () => {
    await bucket.put("gone", "text", { contentType: "text/plain" });
    await bucket.delete("gone");
    await bucket.delete("gone");
    expect(await keys()).not.to.include("gone");
  });

  it("throws UploadGone for a missing object", async () => expect(await rejectionOf(read("missing"))).to.be.instanceOf(UploadGone));

  it("uploads small streams and empty ones", async () => {
    await bucket.upload("small", stream(Buffer.from("a"), Buffer.from("b")), { contentType: "text/plain" });
    await bucket.upload("empty", stream(), { contentType: "text/plain" });
    expect([String(await read("small")), (await read("empty")).length]).to.deep.equal(["ab", 0]);
  });

  it("uploads large streams in parts", async () => {
    const body = randomBytes(20 * MEBIBYTE);
    await bucket.upload("large", stream(body.subarray(0, 9 * MEBIBYTE), body.subarray(9 * MEBIBYTE)), {
      contentType: "application/octet-stream",
      metadata: { name: "large" },
    });
    expect((await read("large")).equals(body)).to.equal(true);
    const { ETag, Metadata } = await client.send(new HeadObjectCommand({ Bucket: NAME, Key: "large" }));
    expect(ETag).to.match(/-3"$/);
    expect(Metadata).to.deep.equal({ name: "large" });
  });

  for (const [title, size] of [
    ["before a part is full", 10],
    ["after two parts", 17 * MEBIBYTE],
  ] as const) {
    it(`stores nothing when the stream fails ${title}`, async () => {
      const failure = new RangeError("too large");
      async function* failing() {
        yield randomBytes(size);
        throw failure;
      }
      expect(await rejectionOf(bucket.upload("failing", failing(), { contentType: "text/plain" }))).to.equal(failure);
      expect(await keys()).not.to.contain("failing");
      expect((await client.send(new ListMultipartUploadsCommand({ Bucket: NAME }))).Uploads ?? []).to.deep.equal([]);
    });
  }

  it("stores nothing when it is aborted", async () => {
    const abort = new AbortController();
    async function* endless() {
      yield randomBytes(9 * MEBIBYTE);
      abort.abort();
      yield randomBytes(9 * MEBIBYTE);
    }
    expect(await rejectionOf(bucket.upload("aborted", endless(), { contentType: "text/plain" }, abort.signal))).to.be.instanceOf(Error);
    expect(await keys()).not.to.contain("aborted");
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket: NAME }))).Uploads ?? []).to.deep.equal([]);
  });

  it("takes a file of 128 MB through fetch-file in flat memory", async () => {
    const size = 128 * MEBIBYTE;
    const chunk = randomBytes(MEBIBYTE);
    const host = createServer((_, response) => {
      response.writeHead(200, { "content-type": "image/png", "content-length": size });
      let sent = 0;
      const more = () => {
        while (sent < size) {
          sent += chunk.length;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on("drain", more);
      more();
    }).listen(0, "127.0.0.1");
    await once(host, "listening");
    const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/large.png`;
    const child = fork(join(__dirname, "fetch-large.ts"), [url, String(size), NAME], {
      execArgv: ["-C", "slack-fanout-source", "-r", "./bin/load-typescript.cjs", "--expose-gc"],
      env: {
        ...process.env,
        NODE_ENV: "test",
        SLACK_URL: url,
        ACCESS_TOKEN: "xoxb-1",
        AWS_ENDPOINT_URL: laptop.client.endpoint,
        AWS_REGION: laptop.client.region,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      },
    });
    const [{ sizeBytes, mostBytes }] = (await once(child, "message")) as [{ sizeBytes: number; mostBytes: number }];
    host.close();

    expect(sizeBytes).to.equal(size);
    // Three parts of 8 MB, and what the sockets read and write, for files of any size.
    expect(mostBytes / MEBIBYTE).to.be.within(8, 96);
  });
});
