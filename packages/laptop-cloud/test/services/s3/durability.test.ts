import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { eventually, startKillableCloud, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { s3 } from "../../../src/services/s3";
import { createSibling } from "../../sibling";
import { bucketResources } from "./bucket-resources";

const Bucket = "raw";

describe("s3 durability", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-s3-"));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** Where the cloud keeps the contents of objects. */
  const bodies = () => join(directory, "cloud", "s3");

  const startKillable = async () => {
    const { started, kill } = await startKillableCloud<S3ClientConfig>(join(__dirname, "killable-cloud.ts"), { args: [directory] });
    return { kill, client: new S3Client({ ...started, maxAttempts: 1 }) };
  };

  it("keeps exactly the acknowledged objects after kill -9", async () => {
    const { kill, client } = await startKillable();
    const acked = new Map<string, string>();
    const upload = async (index: number) => {
      const Key = `in/${index}.csv`;
      const Body = `${index},`.repeat(20_000);
      await client.send(new PutObjectCommand({ Bucket, Key, Body }));
      acked.set(Key, Body);
    };
    const uploads = Promise.allSettled(Array.from({ length: 200 }, (_, index) => upload(index)));
    await eventually(() => acked.size >= 20);
    await kill();
    await uploads;
    client.destroy();
    await writeFile(join(bodies(), "left-behind"), "half of an upload");

    const sns = createSibling("sns", { Publish: () => ({ MessageId: "m" }) });
    const laptop = await startLaptop({ definitions: [s3, sns.definition], resources: bucketResources, directory });
    const after = new S3Client(laptop.client);
    try {
      const { Contents = [] } = await after.send(new ListObjectsV2Command({ Bucket }));
      const found = new Map<string, string>();
      for (const { Key } of Contents)
        found.set(Key!, await (await after.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString());

      for (const [key, body] of acked) expect(found.get(key)).to.equal(body);
      // An upload may be complete although its answer was lost.
      for (const [key, body] of found) expect(body).to.equal(`${key.slice(3, -4)},`.repeat(20_000));
      expect(await readdir(bodies())).to.have.length(found.size);
      // Every written change is notified, although the topic was down in the first run.
      const notified = () =>
        new Set(sns.received.map(({ input }) => decodeURIComponent(JSON.parse(input.Message).Records[0].s3.object.key)));
      await eventually(() => notified().size === found.size);
      expect(notified()).to.deep.equal(new Set(found.keys()));
    } finally {
      after.destroy();
      await laptop.stop();
    }
  });

  it("completes an upload after kill -9, with the parts sent before", async () => {
    const { kill: killFirst, client: before } = await startKillable();
    const Key = "in/large.csv";
    const { UploadId } = await before.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const part = Buffer.alloc(5 * 1024 ** 2, "a");
    const { ETag } = await before.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: part }));
    await killFirst();
    before.destroy();

    const { kill: killSecond, client } = await startKillable();
    const last = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 2, Body: "end" }));
    const Parts = [
      { PartNumber: 1, ETag },
      { PartNumber: 2, ETag: last.ETag },
    ];
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=-5" }));

    expect(await Body!.transformToString()).to.equal("aaend");
    await killSecond();
    client.destroy();
  });
});
