import {
  CreateBucketCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { s3 } from "../../../src/services/s3";
import { rejection } from "./rejection";

const bucket: Declared = { type: "aws:s3/bucket:Bucket", name: "Raw", inputs: {} };
const daySeconds = 86_400;

/** Starts a cloud with these resources, runs the test, and stops it. */
const withLaptop = async (
  resources: Declared[],
  test: (client: S3Client, laptop: Awaited<ReturnType<typeof startLaptop>>) => Promise<void>,
  region?: string,
) => {
  const laptop = await startLaptop({ definitions: [s3], resources, region });
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

  describe("settings", () => {
    const about = (type: string, inputs: object): Declared => ({
      type: `aws:s3/${type[0]!.toLowerCase()}${type.slice(1)}:${type}`,
      name: type,
      inputs: { bucket: "raw", ...inputs },
    });
    const settings = [
      about("BucketCorsConfiguration", {
        corsRules: [{ id: "all", allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://example.com"], maxAgeSeconds: 60 }],
      }),
      about("BucketOwnershipControls", { rule: { objectOwnership: "BucketOwnerPreferred" } }),
      about("BucketLifecycleConfiguration", {
        rules: [
          { id: "tmp", status: "Enabled", filter: { prefix: "tmp/" }, expiration: { days: 1 } },
          {
            id: "old",
            status: "Disabled",
            filter: { and: { prefix: "a/", tags: { kind: "log" }, objectSizeGreaterThan: 10 } },
            noncurrentVersionExpiration: { noncurrentDays: 30, newerNoncurrentVersions: 2 },
            transitions: [{ days: 30, storageClass: "STANDARD_IA" }],
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      }),
    ];

    it("are read as they are declared", () =>
      withLaptop([bucket, ...settings], async client => {
        const Bucket = "raw";
        expect((await client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).to.deep.equal([
          { ID: "all", AllowedMethods: ["GET", "PUT"], AllowedOrigins: ["https://example.com"], MaxAgeSeconds: 60 },
        ]);
        expect((await client.send(new GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls).to.deep.equal({
          Rules: [{ ObjectOwnership: "BucketOwnerPreferred" }],
        });
        const lifecycle = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
        expect(lifecycle.TransitionDefaultMinimumObjectSize).to.equal("all_storage_classes_128K");
        expect(lifecycle.Rules).to.deep.equal([
          { ID: "tmp", Status: "Enabled", Filter: { Prefix: "tmp/" }, Expiration: { Days: 1 } },
          {
            ID: "old",
            Status: "Disabled",
            Filter: { And: { Prefix: "a/", Tags: [{ Key: "kind", Value: "log" }], ObjectSizeGreaterThan: 10 } },
            NoncurrentVersionExpiration: { NoncurrentDays: 30, NewerNoncurrentVersions: 2 },
            Transitions: [{ Days: 30, StorageClass: "STANDARD_IA" }],
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          },
        ]);
      }));

    it("are reported as missing in AWS's words if they are not declared", () =>
      withLaptop([bucket], async client => {
        const Bucket = "raw";
        expect((await rejection(client.send(new GetBucketCorsCommand({ Bucket })))).name).to.equal("NoSuchCORSConfiguration");
        expect((await rejection(client.send(new GetBucketLifecycleConfigurationCommand({ Bucket })))).name).to.equal(
          "NoSuchLifecycleConfiguration",
        );
        const { OwnershipControls } = await client.send(new GetBucketOwnershipControlsCommand({ Bucket }));
        expect(OwnershipControls!.Rules![0]!.ObjectOwnership).to.equal("BucketOwnerEnforced");
        expect((await rejection(client.send(new GetBucketCorsCommand({ Bucket: "none" })))).name).to.equal("NoSuchBucket");
      }));
  });

  it("refuses to create a bucket again outside us-east-1", () =>
    withLaptop(
      [bucket],
      async client => {
        const { name, message } = await rejection(client.send(new CreateBucketCommand({ Bucket: "raw" })));
        expect([name, message]).to.deep.equal([
          "BucketAlreadyOwnedByYou",
          "Your previous request to create the named bucket succeeded and you already own it.",
        ]);
      },
      "eu-west-1",
    ));

  const refused: [string, Declared, string][] = [
    [
      "a lifecycle filter with two conditions",
      {
        type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        name: "tidy",
        inputs: {
          bucket: "raw",
          rules: [{ id: "a", status: "Enabled", filter: { prefix: "a/", objectSizeLessThan: 9 }, expiration: { days: 1 } }],
        },
      },
      "want one element in each <Filter>",
    ],
    ["an unknown property", { ...bucket, inputs: { website: {} } }, "website"],
    ["a policy that is not JSON", { type: "aws:s3/bucketPolicy:BucketPolicy", name: "p", inputs: { bucket: "raw", policy: "{no" } }, "{no"],
    ["a bad name", { ...bucket, inputs: { bucket: "No" } }, '"No"'],
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
