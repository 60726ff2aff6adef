import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { Declared } from "../../../local/kernel/service";
import { s3 } from "../../../local/s3";
import { eventually, startLaptop } from "../laptop";

const bucket: Declared = { type: "aws:s3/bucket:Bucket", name: "Raw", inputs: {} };
const daySeconds = 86_400;

/** Starts a cloud with these resources, runs the test, and stops it. */
const withLaptop = async (
  resources: Declared[],
  test: (client: S3Client, laptop: Awaited<ReturnType<typeof startLaptop>>) => Promise<void>,
) => {
  const laptop = await startLaptop({ definitions: [s3], resources });
  const client = new S3Client(laptop.client);
  try {
    await test(client, laptop);
  } finally {
    client.destroy();
    await laptop.stop();
  }
};

describe("s3 as declared", () => {
  it("puts the objects that the program declares", () =>
    withLaptop(
      [
        bucket,
        {
          type: "aws:s3/bucketObjectv2:BucketObjectv2",
          name: "greeting",
          inputs: { bucket: "raw", key: "hello.txt", content: "hello", contentType: "text/plain" },
        },
        { type: "aws:s3/bucketObject:BucketObject", name: "source.ts", inputs: { bucket: "raw", source: { path: __filename } } },
      ],
      async client => {
        const hello = await client.send(new GetObjectCommand({ Bucket: "raw", Key: "hello.txt" }));
        expect(await hello.Body!.transformToString()).to.equal("hello");
        expect(hello.ContentType).to.equal("text/plain");
        const source = await client.send(new GetObjectCommand({ Bucket: "raw", Key: "source.ts" }));
        expect(await source.Body!.transformToString()).to.contain("puts the objects that the program declares");
      },
    ));

  it("expires objects at midnight after so many days, by the cloud's clock", () =>
    withLaptop(
      [
        bucket,
        {
          type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
          name: "tidy",
          inputs: { bucket: "raw", rules: [{ id: "tmp", status: "Enabled", filter: { prefix: "tmp/" }, expiration: { days: 1 } }] },
        },
      ],
      async (client, { cloud }) => {
        for (const Key of ["tmp/a", "kept"]) await client.send(new PutObjectCommand({ Bucket: "raw", Key, Body: "x" }));
        const keys = async () => (await client.send(new ListObjectsV2Command({ Bucket: "raw" }))).Contents!.map(({ Key }) => Key);

        cloud.clock.advance(daySeconds - 1);
        expect(await keys()).to.deep.equal(["kept", "tmp/a"]);
        cloud.clock.advance(daySeconds + 1);

        await eventually(async () => (await keys()).length === 1);
        expect(await keys()).to.deep.equal(["kept"]);
      },
    ));

  const refused: [string, Declared, string][] = [
    ["an unknown property", { ...bucket, inputs: { website: {} } }, "website"],
    ["a policy that is no JSON", { type: "aws:s3/bucketPolicy:BucketPolicy", name: "p", inputs: { bucket: "raw", policy: "{no" } }, "{no"],
    ["a bad name", { ...bucket, inputs: { bucket: "No" } }, '"No"'],
    [
      "EventBridge",
      { type: "aws:s3/bucketNotification:BucketNotification", name: "n", inputs: { bucket: "raw", eventbridge: true } },
      "eventbridge",
    ],
    [
      "an unknown event",
      {
        type: "aws:s3/bucketNotification:BucketNotification",
        name: "n",
        inputs: { bucket: "raw", queues: [{ queueArn: "q", events: ["s3:Replication:*"] }] },
      },
      "s3:Replication:*",
    ],
  ];
  for (const [what, resource, named] of refused) {
    it(`refuses ${what}, and quotes it`, async () => {
      const error = await withLaptop([resource], async () => {}).then(
        () => undefined,
        (refusal: Error) => refusal,
      );

      expect(error?.message).to.contain(named);
    });
  }
});
