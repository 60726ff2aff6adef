import { request } from "node:http";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { s3 } from "../../../src/services/s3";
import { rejection } from "./rejection";

const Bucket = "archive";

interface Reply {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

describe("s3 on the wire", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: S3Client;

  beforeEach(async () => {
    laptop = await startLaptop({ definitions: [s3], resources: [{ type: "aws:s3/bucket:Bucket", name: Bucket, inputs: {} }] });
    client = new S3Client(laptop.client);
  });

  afterEach(async () => {
    client.destroy();
    await laptop.stop();
  });

  const authorization = "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
  const send = (method: string, path: string, headers: Record<string, string> = {}, body = "") =>
    new Promise<Reply>((resolve, reject) => {
      const sent = request(laptop.cloud.place.awsUrl, { method, path, headers: { authorization, ...headers } }, response => {
        const chunks: Buffer[] = [];
        response.on("data", chunk => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
        );
      });
      sent.on("error", reject);
      sent.end(body);
    });
  const text = async (Key: string) => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();

  describe("aws-chunked", () => {
    const streaming = {
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
      "content-encoding": "aws-chunked,gzip",
      "x-amz-decoded-content-length": "9",
      "x-amz-trailer": "x-amz-checksum-crc32c",
    };
    const signature = `chunk-signature=${"0".repeat(64)}`;
    const trailer = (checksum: string) => `0;${signature}\r\nx-amz-checksum-crc32c:${checksum}\r\nx-amz-trailer-signature:00\r\n\r\n`;

    it("decodes signed chunks and verifies the trailer", async () => {
      const body = `4;${signature}\r\n1234\r\n5;${signature}\r\n56789\r\n${trailer("4waSgw==")}`;

      const { status, headers } = await send("PUT", "/archive/chunked", streaming, body);

      expect(status).to.equal(200);
      expect(headers["x-amz-checksum-crc32c"]).to.equal("4waSgw==");
      expect(await text("chunked")).to.equal("123456789");
      const head = await client.send(new GetObjectCommand({ Bucket, Key: "chunked" }));
      await head.Body!.transformToByteArray();
      expect(head.ContentEncoding).to.equal("gzip");
    });

    const broken: [string, string, string][] = [
      ["a wrong trailer", `9;${signature}\r\n123456789\r\n${trailer("AAAAAA==")}`, "BadDigest"],
      ["a body cut short", `9;${signature}\r\n12345`, "IncompleteBody"],
      ["fewer bytes than announced", `4;${signature}\r\n1234\r\n${trailer("4waSgw==")}`, "IncompleteBody"],
      ["no chunks at all", "123456789", "IncompleteBody"],
    ];
    for (const [what, body, code] of broken) {
      it(`refuses ${what}`, async () => {
        const reply = await send("PUT", "/archive/broken", streaming, body);

        expect(reply.status).to.equal(400);
        expect(reply.body).to.contain(`<Code>${code}</Code>`);
        expect((await rejection(text("broken"))).name).to.equal("NoSuchKey");
      });
    }
  });

  describe("presigned URLs", () => {
    const presigned = (nowMs: number, expiresSeconds: number) => {
      const date = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
      return new URLSearchParams({
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": `test/${date.slice(0, 8)}/us-east-1/s3/aws4_request`,
        "X-Amz-Date": date,
        "X-Amz-Expires": String(expiresSeconds),
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "0",
      });
    };

    it("are valid until they expire, by the cloud's clock", async () => {
      await client.send(new PutObjectCommand({ Bucket, Key: "report", Body: "numbers" }));
      const url = `${laptop.cloud.place.awsUrl}/archive/report?${presigned(laptop.cloud.clock.nowMs(), 60)}`;

      const before = await fetch(url);
      laptop.cloud.clock.advance(61);
      const after = await fetch(url);

      expect(await before.text()).to.equal("numbers");
      expect(after.status).to.equal(403);
      expect(await after.text()).to.contain("Request has expired");
    });

    it("are valid in Signature Version 2 too, as AWS CLI 1 creates them", async () => {
      await client.send(new PutObjectCommand({ Bucket, Key: "report", Body: "numbers" }));
      const untilSeconds = Math.floor(laptop.cloud.clock.nowMs() / 1000) + 60;
      const url = `${laptop.cloud.place.awsUrl}/archive/report?AWSAccessKeyId=test&Signature=0&Expires=${untilSeconds}`;

      const before = await fetch(url);
      laptop.cloud.clock.advance(61);
      const after = await fetch(url);

      expect(await before.text()).to.equal("numbers");
      expect(after.status).to.equal(403);
      await after.text();
    });

    it("are refused for more than a week", async () => {
      const url = `${laptop.cloud.place.awsUrl}/archive/report?${presigned(laptop.cloud.clock.nowMs(), 604_801)}`;

      expect((await fetch(url)).status).to.equal(400);
    });
  });

  describe("addresses", () => {
    it("accepts a bucket in the host name", async () => {
      await send("PUT", "/by/host", { host: "archive.s3.localhost:4566", "content-length": "2" }, "hi");

      expect(await text("by/host")).to.equal("hi");
    });

    it("refuses by name a sub-resource that it does not imitate", async () => {
      const { status, body } = await send("PUT", "/archive?website");

      expect(status).to.equal(501);
      expect(body).to.contain("?website");
    });

    it("refuses a path that is not UTF-8", async () => {
      expect((await send("GET", "/archive/%ZZ")).body).to.contain("<Code>InvalidURI</Code>");
    });

    it("refuses invalid XML", async () => {
      for (const body of ["", "<Delete>", "<Delete><Object/></Delete>", "<!DOCTYPE x><Delete/>", "nonsense"])
        expect((await send("POST", "/archive?delete", {}, body)).body).to.contain("<Code>MalformedXML</Code>");
    });
  });

  describe("buckets", () => {
    it("are created, listed and deleted when empty", async () => {
      await client.send(new CreateBucketCommand({ Bucket: "by-hand" }));
      await client.send(new PutObjectCommand({ Bucket: "by-hand", Key: "a", Body: "a" }));

      const { Buckets } = await client.send(new ListBucketsCommand({}));

      expect(Buckets!.map(({ Name }) => Name)).to.deep.equal(["archive", "by-hand"]);
      const first = await client.send(new ListBucketsCommand({ MaxBuckets: 1 }));
      const second = await client.send(new ListBucketsCommand({ MaxBuckets: 1, ContinuationToken: first.ContinuationToken }));
      expect([first, second].map(page => page.Buckets!.map(({ Name }) => Name))).to.deep.equal([["archive"], ["by-hand"]]);
      expect(second.ContinuationToken).to.equal(undefined);
      expect((await rejection(client.send(new DeleteBucketCommand({ Bucket: "by-hand" })))).name).to.equal("BucketNotEmpty");
      expect((await rejection(client.send(new CreateBucketCommand({ Bucket: "NotAName" })))).name).to.equal("InvalidBucketName");
      expect((await client.send(new HeadBucketCommand({ Bucket }))).BucketRegion).to.equal("us-east-1");
      expect((await rejection(client.send(new GetBucketPolicyCommand({ Bucket })))).name).to.equal("NoSuchBucketPolicy");
    });

    it("can be created again by their owner in us-east-1, and keep their objects", async () => {
      await client.send(new PutObjectCommand({ Bucket, Key: "a", Body: "kept" }));

      await client.send(new CreateBucketCommand({ Bucket }));

      expect(await text("a")).to.equal("kept");
    });

    const elsewhere: [LocationConstraint: string | undefined, code: string][] = [
      ["us-east-1", "InvalidLocationConstraint"],
      ["eu-west-1", "IllegalLocationConstraintException"],
    ];
    for (const [LocationConstraint, code] of elsewhere) {
      it(`can't be created in ${LocationConstraint} through us-east-1`, async () => {
        const body = `<CreateBucketConfiguration><LocationConstraint>${LocationConstraint}</LocationConstraint></CreateBucketConfiguration>`;
        expect((await send("PUT", "/elsewhere", {}, body)).body).to.contain(`<Code>${code}</Code>`);
      });
    }
  });
});
