import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { s3 } from "../../../src/services/s3";
import { startLaptop } from "../../laptop";
import { rejectionOf } from "../../thrown";

const Bucket = "raw";
const declare = (inputs: Declared["inputs"] = {}): Declared => ({ type: "aws:s3/bucket:Bucket", name: Bucket, inputs });

describe("s3 bucket settings by the API", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: S3Client;

  const start = async (bucket: Declared) => {
    laptop = await startLaptop({ definitions: [s3], resources: [bucket], directory });
    client = new S3Client({ ...laptop.client, forcePathStyle: true });
  };
  const tags = async () => (await client.send(new GetBucketTaggingCommand({ Bucket }))).TagSet;
  const putTags = (Value: string) => client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "team", Value }] } }));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(async () => {
    await laptop.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("keeps tags at a restart, unless the program declares others", async () => {
    await start(declare());
    await putTags("red");
    await laptop.stop();
    await start(declare());
    expect(await tags()).to.deep.equal([{ Key: "team", Value: "red" }]);
    await laptop.stop();
    await start(declare({ tags: { team: "blue" } }));
    expect(await tags()).to.deep.equal([{ Key: "team", Value: "blue" }]);

    await client.send(new DeleteBucketTaggingCommand({ Bucket }));
    expect((await rejectionOf<Error>(tags())).name).to.equal("NoSuchTagSet");
  });

  it("puts, reads and deletes a policy, and refuses one without statements", async () => {
    await start(declare());
    const Policy = '{"Version":"2012-10-17","Statement":[]}';
    await client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect((await client.send(new GetBucketPolicyCommand({ Bucket }))).Policy).to.equal(Policy);
    await client.send(new DeleteBucketPolicyCommand({ Bucket }));
    expect((await rejectionOf<Error>(client.send(new GetBucketPolicyCommand({ Bucket })))).name).to.equal("NoSuchBucketPolicy");
    const malformed = client.send(new PutBucketPolicyCommand({ Bucket, Policy: "{" }));
    expect((await rejectionOf<Error>(malformed)).name).to.equal("MalformedPolicy");
  });
});
