import { createHash } from "node:crypto";
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { s3 } from "../../../src/services/s3";
import { rejection } from "./rejection";

const bucketResource = { type: "aws:s3/bucket:Bucket", name: "Archive", inputs: {} };
const Bucket = "archive";

describe("s3", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: S3Client;

  beforeEach(async () => {
    laptop = await startLaptop({ definitions: [s3], resources: [bucketResource] });
    client = new S3Client(laptop.client);
  });

  afterEach(async () => {
    client.destroy();
    await laptop.stop();
  });

  const put = (Key: string, Body = "hello", more = {}) => client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = async (Key: string, more = {}) => {
    const found = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
    return { ...found, text: await found.Body!.transformToString() };
  };
  const keys = async (more = {}) =>
    (await client.send(new ListObjectsV2Command({ Bucket, ...more }))).Contents?.map(({ Key }) => Key) ?? [];

  describe("put and get", () => {
    it("returns the bytes, the headers and the metadata", async () => {
      const written = await put("a/ä b+c.txt", "grüße", {
        ContentType: "text/plain",
        CacheControl: "no-store",
        ContentDisposition: "inline",
        Metadata: { who: "U0001" },
      });

      const found = await get("a/ä b+c.txt");

      expect(written.ETag).to.equal(`"${createHash("md5").update("grüße").digest("hex")}"`);
      expect(found.text).to.equal("grüße");
      expect(found).to.include({ ContentType: "text/plain", CacheControl: "no-store", ContentDisposition: "inline", ETag: written.ETag });
      expect(found.ContentEncoding).to.equal(undefined);
      expect(found.Metadata).to.deep.equal({ who: "U0001" });
      expect(found.ChecksumCRC32).to.equal(written.ChecksumCRC32).and.not.equal(undefined);
    });

    it("keeps an empty object", async () => {
      await put("empty", "");

      expect((await get("empty")).text).to.equal("");
      expect((await client.send(new HeadObjectCommand({ Bucket, Key: "empty" }))).ContentLength).to.equal(0);
    });

    it("keeps keys with dots, slashes and percent signs apart", async () => {
      const names = ["a/../b", "b", "./b", "a//b", "100%25", "100%", "trailing/", "a?b#c", "😀", "\u{ff5e}"];
      for (const name of names) await put(name, name);

      for (const name of names) expect((await get(name)).text).to.equal(name);
      expect(await keys()).to.deep.equal([...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    });

    const ranges: [string, string, string][] = [
      ["bytes=0-3", "0123", "bytes 0-3/10"],
      ["bytes=7-", "789", "bytes 7-9/10"],
      ["bytes=-2", "89", "bytes 8-9/10"],
      ["bytes=5-100", "56789", "bytes 5-9/10"],
    ];
    for (const [Range, text, contentRange] of ranges) {
      it(`answers ${Range} with ${text}`, async () => {
        await put("digits", "0123456789");

        const found = await get("digits", { Range });

        expect(found.text).to.equal(text);
        expect(found.ContentRange).to.equal(contentRange);
        expect(found.$metadata.httpStatusCode).to.equal(206);
      });
    }

    it("refuses a range after the end", async () => {
      await put("digits", "0123456789");

      expect(await rejection(get("digits", { Range: "bytes=10-" }))).to.include({ name: "InvalidRange" });
    });

    it("overrides headers by response-content-type and the like", async () => {
      await put("report");

      const found = await get("report", { ResponseContentType: "text/html", ResponseContentDisposition: "attachment" });

      expect(found).to.include({ ContentType: "text/html", ContentDisposition: "attachment" });
    });

    it("reports a missing key and a missing bucket", async () => {
      expect(await rejection(get("nothing"))).to.include({ name: "NoSuchKey", Key: "nothing" });
      expect(await rejection(client.send(new HeadObjectCommand({ Bucket, Key: "nothing" })))).to.include({ name: "NotFound" });
      expect(await rejection(client.send(new GetObjectCommand({ Bucket: "nowhere", Key: "x" })))).to.include({ name: "NoSuchBucket" });
    });

    it("refuses unsupported headers by name", async () => {
      expect(await rejection(put("x", "x", { ObjectLockLegalHoldStatus: "ON" })))
        .to.have.property("message")
        .that.contains("x-amz-object-lock-legal-hold");
      expect(await rejection(put("x", "x", { ACL: "public-read" })))
        .to.have.property("message")
        .that.contains("public-read");
    });

    it("refuses unknown storage classes", async () => {
      await put("kept", "hello", { StorageClass: "STANDARD_IA" });
      const calls = [
        put("a", "hello", { StorageClass: "COLD" }),
        put("a", "hello", { StorageClass: "standard" }),
        client.send(new CopyObjectCommand({ Bucket, Key: "a", CopySource: `${Bucket}/kept`, StorageClass: "COLD" as "GLACIER" })),
        client.send(new CreateMultipartUploadCommand({ Bucket, Key: "a", StorageClass: "COLD" as "GLACIER" })),
      ];
      for (const call of calls) expect((await rejection(call)).name).to.equal("InvalidStorageClass");
      expect(await keys()).to.deep.equal(["kept"]);
    });

    it("refuses a key of more than 1,024 bytes", async () => {
      expect(await rejection(put("ä".repeat(513)))).to.include({ name: "KeyTooLongError" });
      await put("ä".repeat(512));
    });
  });

  describe("integrity", () => {
    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"] as const) {
      it(`verifies and keeps ${ChecksumAlgorithm}`, async () => {
        const written = await put("checked", "some bytes", { ChecksumAlgorithm });

        const head = await client.send(new HeadObjectCommand({ Bucket, Key: "checked", ChecksumMode: "ENABLED" }));

        expect(head[`Checksum${ChecksumAlgorithm}`]).to.equal(written[`Checksum${ChecksumAlgorithm}`]).and.not.equal(undefined);
        expect(head.ChecksumType).to.equal("FULL_OBJECT");
      });
    }

    // Check values of "123456789", from the catalogue of parametrised CRC algorithms: 0xE3069283 and 0xAE8B14860A799888.
    const known = { ChecksumCRC32C: "4waSgw==", ChecksumCRC64NVME: "rosUhgp5mIg=" };
    for (const [member, value] of Object.entries(known)) {
      it(`knows the check value of ${member}`, async () => {
        await put("checked", "123456789", { [member]: value });

        expect(
          (await client.send(new HeadObjectCommand({ Bucket, Key: "checked", ChecksumMode: "ENABLED" })))[member as "ChecksumCRC32C"],
        ).to.equal(value);
      });
    }

    it("refuses a wrong checksum and a wrong MD5, and stores nothing", async () => {
      expect(await rejection(put("bad", "bytes", { ChecksumCRC32: "AAAAAA==" }))).to.include({ name: "BadDigest" });
      expect(await rejection(put("bad", "bytes", { ContentMD5: "1B2M2Y8AsgTpgAmY7PhCfg==" }))).to.include({ name: "BadDigest" });
      expect(await rejection(put("bad", "bytes", { ContentMD5: "short" }))).to.include({ name: "InvalidDigest" });
      expect(await keys()).to.deep.equal([]);
    });
  });

  describe("conditions", () => {
    it("reads by If-Match, If-None-Match and the dates", async () => {
      const { ETag } = await put("page");
      const later = new Date(Date.now() + 60_000);

      expect((await get("page", { IfMatch: ETag })).text).to.equal("hello");
      expect(await rejection(get("page", { IfMatch: '"other"' }))).to.include({ name: "PreconditionFailed" });
      expect((await rejection(get("page", { IfNoneMatch: ETag }))).$metadata.httpStatusCode).to.equal(304);
      expect((await rejection(get("page", { IfModifiedSince: later }))).$metadata.httpStatusCode).to.equal(304);
      expect(await rejection(get("page", { IfUnmodifiedSince: new Date(0) }))).to.include({ name: "PreconditionFailed" });
    });

    it("lets exactly one of many writers create a key", async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => put("lock", `writer ${index}`, { IfNoneMatch: "*" })),
      );

      const refused = results.filter(result => result.status === "rejected");
      expect(refused.map(({ reason }) => reason.name)).to.deep.equal(Array(7).fill("PreconditionFailed"));
    });

    it("writes by If-Match", async () => {
      const { ETag } = await put("counter", "1");

      await put("counter", "2", { IfMatch: ETag });

      expect(await rejection(put("counter", "3", { IfMatch: ETag }))).to.include({ name: "PreconditionFailed" });
      expect(await rejection(put("nothing", "3", { IfMatch: ETag }))).to.include({ name: "NoSuchKey" });
      expect((await get("counter")).text).to.equal("2");
    });
  });

  describe("list", () => {
    it("groups keys by delimiter, and continues after a page", async () => {
      for (const key of ["a/1", "a/2", "b/1", "c", "d/x/1", "d/x/2", "e"]) await put(key);

      const seen: string[] = [];
      let token: string | undefined;
      do {
        const page = await client.send(new ListObjectsV2Command({ Bucket, Delimiter: "/", MaxKeys: 2, ContinuationToken: token }));
        seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}*`), ...(page.Contents ?? []).map(({ Key }) => Key!));
        expect(page.KeyCount).to.be.at.most(2);
        token = page.NextContinuationToken;
      } while (token !== undefined);

      expect(seen).to.deep.equal(["a/*", "b/*", "d/*", "c", "e"]);
      expect(await keys({ Prefix: "d/" })).to.deep.equal(["d/x/1", "d/x/2"]);
      expect(await keys({ StartAfter: "b/1" })).to.deep.equal(["c", "d/x/1", "d/x/2", "e"]);
    });

    it("lists as version 1 does, by marker", async () => {
      for (const key of ["a/1", "a/2", "b"]) await put(key);

      const first = await client.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 1 }));
      const second = await client.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 1, Marker: first.NextMarker }));

      expect(first).to.deep.include({ NextMarker: "a/", IsTruncated: true, CommonPrefixes: [{ Prefix: "a/" }] });
      expect(second.Contents!.map(({ Key }) => Key)).to.deep.equal(["b"]);
      expect(second.IsTruncated).to.equal(false);
    });

    it("encodes keys if requested", async () => {
      await put("a b/ü&<>.txt");

      const page = await client.send(new ListObjectsV2Command({ Bucket, EncodingType: "url" }));

      expect(page.Contents![0]!.Key).to.equal("a+b/%C3%BC%26%3C%3E.txt");
    });

    it("refuses an invalid token", async () => {
      expect(await rejection(keys({ ContinuationToken: "nonsense" }))).to.include({ name: "InvalidArgument" });
    });
  });

  describe("copy", () => {
    it("keeps or replaces the metadata", async () => {
      await put("from/ä b", "content", { Metadata: { one: "1" }, ContentType: "text/csv", Tagging: "team=red" });
      const CopySource = `${Bucket}/${encodeURIComponent("from/ä b")}`;

      await client.send(new CopyObjectCommand({ Bucket, Key: "kept", CopySource }));
      await client.send(
        new CopyObjectCommand({ Bucket, Key: "changed", CopySource, MetadataDirective: "REPLACE", Metadata: { two: "2" } }),
      );
      await client.send(new DeleteObjectCommand({ Bucket, Key: "from/ä b" }));

      expect(await get("kept")).to.deep.include({ text: "content", Metadata: { one: "1" }, ContentType: "text/csv", TagCount: 1 });
      expect(await get("changed")).to.deep.include({ text: "content", Metadata: { two: "2" }, ContentType: "binary/octet-stream" });
    });

    it("refuses to copy an object onto itself unchanged", async () => {
      await put("same");

      expect(await rejection(client.send(new CopyObjectCommand({ Bucket, Key: "same", CopySource: `${Bucket}/same` })))).to.include({
        name: "InvalidRequest",
      });
    });
  });

  describe("delete", () => {
    it("deletes existing and missing objects", async () => {
      await put("a");

      await client.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
      await client.send(new DeleteObjectCommand({ Bucket, Key: "a" }));

      expect(await keys()).to.deep.equal([]);
    });

    it("deletes many at once", async () => {
      for (const key of ["a", "b & c", "d"]) await put(key);

      const { Deleted, Errors } = await client.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }, { Key: "b & c" }, { Key: "missing" }] } }),
      );

      expect(Deleted!.map(({ Key }) => Key)).to.deep.equal(["a", "b & c", "missing"]);
      expect(Errors).to.equal(undefined);
      expect(await keys()).to.deep.equal(["d"]);
    });

    it("deletes many conditionally by ETag", async () => {
      const etags = new Map<string, string>();
      for (const key of ["same", "changed", "unasked"]) etags.set(key, (await put(key, key)).ETag!);
      await put("changed", "by somebody else");

      const Objects = [
        { Key: "same", ETag: etags.get("same") },
        { Key: "changed", ETag: etags.get("changed") },
        { Key: "missing", ETag: '"0"' },
        { Key: "missing", ETag: "*" },
        { Key: "unasked" },
      ];
      const { Deleted, Errors } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));

      expect(Deleted!.map(({ Key }) => Key)).to.deep.equal(["same", "unasked"]);
      expect(Errors!.map(({ Key, Code }) => [Key, Code])).to.deep.equal([
        ["changed", "PreconditionFailed"],
        ["missing", "NoSuchKey"],
        ["missing", "PreconditionFailed"],
      ]);
      expect(await keys()).to.deep.equal(["changed"]);
    });

    it("allows one of many deletes with If-Match", async () => {
      const { ETag } = await put("raced", "first");
      const outcomes = await Promise.all([
        put("raced", "second", { IfMatch: ETag }).then(
          () => "put",
          error => error.name,
        ),
        client.send(new DeleteObjectCommand({ Bucket, Key: "raced", IfMatch: ETag })).then(
          () => "deleted",
          error => error.name,
        ),
      ]);
      expect(outcomes.filter(outcome => outcome === "put" || outcome === "deleted")).to.have.length(1);
    });

    it("refuses the conditions of directory buckets by name", async () => {
      for (const condition of [{ Size: 5 }, { LastModifiedTime: new Date(0) }]) {
        const Objects = [{ Key: "a", ...condition }];
        const refused = await rejection(client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } })));
        expect(refused.name).to.equal("NotImplemented");
        expect(refused.message).to.contain(Object.keys(condition)[0]);
      }
    });
  });

  describe("versions", () => {
    beforeEach(() =>
      client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } })).then(() => undefined),
    );

    it("keeps every version and lists them, newest first", async () => {
      const first = await put("doc", "one");
      const second = await put("doc", "two");

      const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket }));

      expect((await get("doc")).text).to.equal("two");
      expect((await get("doc", { VersionId: first.VersionId })).text).to.equal("one");
      expect(Versions!.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).to.deep.equal([
        [second.VersionId, true],
        [first.VersionId, false],
      ]);
    });

    it("adds a delete marker, and removes it", async () => {
      await put("doc", "one");

      const marker = await client.send(new DeleteObjectCommand({ Bucket, Key: "doc" }));
      expect(marker.DeleteMarker).to.equal(true);
      expect(await rejection(get("doc"))).to.include({ name: "NoSuchKey" });
      expect((await rejection(get("doc", { VersionId: marker.VersionId }))).$metadata.httpStatusCode).to.equal(405);
      expect(await keys()).to.deep.equal([]);

      await client.send(new DeleteObjectCommand({ Bucket, Key: "doc", VersionId: marker.VersionId }));
      expect((await get("doc")).text).to.equal("one");
    });

    it("replaces the null version while versioning is suspended", async () => {
      await put("doc", "one");
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } }));
      await put("doc", "two");
      await put("doc", "three");

      const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket }));

      expect(Versions!.map(({ VersionId }) => VersionId === "null")).to.deep.equal([true, false]);
      expect((await get("doc", { VersionId: "null" })).text).to.equal("three");
    });

    it("continues after a page of versions", async () => {
      for (const text of ["one", "two", "three"]) await put("doc", text);
      await put("folder/a", "a");

      const seen: string[] = [];
      let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
      while (marker !== undefined) {
        const page: Awaited<ReturnType<typeof list>> = await list(marker);
        seen.push(...(page.Versions ?? []).map(({ Key }) => Key!), ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix!));
        marker = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
      }

      expect(seen).to.deep.equal(["doc", "doc", "doc", "folder/"]);
    });

    const list = (marker: object) => client.send(new ListObjectVersionsCommand({ Bucket, Delimiter: "/", MaxKeys: 2, ...marker }));
  });

  describe("tags", () => {
    it("puts and gets them", async () => {
      await put("doc", "x", { Tagging: "team=red&kind=a%20b" });
      const tagsOf = async () => (await client.send(new GetObjectTaggingCommand({ Bucket, Key: "doc" }))).TagSet;

      expect(await tagsOf()).to.deep.equal([
        { Key: "team", Value: "red" },
        { Key: "kind", Value: "a b" },
      ]);
      await client.send(new PutObjectTaggingCommand({ Bucket, Key: "doc", Tagging: { TagSet: [{ Key: "a&b", Value: "<c>" }] } }));
      expect(await tagsOf()).to.deep.equal([{ Key: "a&b", Value: "<c>" }]);
    });

    it("accepts ten and no more", async () => {
      const eleven = Array.from({ length: 11 }, (_, index) => `k${index}=v`).join("&");

      expect(await rejection(put("doc", "x", { Tagging: eleven }))).to.include({ name: "InvalidTag" });
    });
  });
});
