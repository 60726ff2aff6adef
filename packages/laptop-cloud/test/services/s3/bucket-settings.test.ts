import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CORSRule,
  DeleteBucketCorsCommand,
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  DeletePublicAccessBlockCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
  ListObjectsV2Command,
  type ObjectOwnership,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { eventually, rejectionOf, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { s3 } from "../../../src/services/s3";

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

  describe("lifecycle", () => {
    const rule: LifecycleRule = { ID: "tmp", Status: "Enabled", Filter: { Prefix: "tmp/" }, Expiration: { Days: 1 } };
    const put = (...Rules: LifecycleRule[]) =>
      client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    const read = async () => (await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules;

    it("is kept at a restart, and expires objects by the cloud's clock", async () => {
      await start(declare());
      await put(rule);
      await laptop.stop();
      await start(declare());
      expect(await read()).to.deep.equal([rule]);
      for (const Key of ["tmp/a", "kept"]) await client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
      laptop.cloud.clock.advance(2 * 86_400);
      await eventually(async () => (await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount === 1);
      await client.send(new DeleteBucketLifecycleCommand({ Bucket }));
      expect((await rejectionOf<Error>(read())).name).to.equal("NoSuchLifecycleConfiguration");
    });

    it("is read as it was put, with all its elements", async () => {
      await start(declare());
      const whole: LifecycleRule = {
        ID: "old",
        Status: "Disabled",
        Filter: { And: { Prefix: "a/", Tags: [{ Key: "kind", Value: "log" }], ObjectSizeGreaterThan: 10 } },
        Expiration: { Date: new Date("2030-01-01T00:00:00Z") },
        NoncurrentVersionExpiration: { NoncurrentDays: 30, NewerNoncurrentVersions: 2 },
        Transitions: [{ Days: 30, StorageClass: "STANDARD_IA" }],
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      };
      await put(rule, whole);
      expect(await read()).to.deep.equal([rule, whole]);
    });

    const refused: [what: string, rule: LifecycleRule, code: string][] = [
      ["no action", { ...rule, Expiration: undefined }, "InvalidRequest"],
      ["no days", { ...rule, Expiration: { Days: 0 } }, "InvalidArgument"],
      ["a date that is not midnight", { ...rule, Expiration: { Date: new Date("2030-01-01T01:00:00Z") } }, "InvalidArgument"],
      ["an unknown status", { ...rule, Status: "On" as "Enabled" }, "MalformedXML"],
    ];
    it("is refused if a rule is invalid", async () => {
      await start(declare());
      for (const [what, invalid, code] of refused) expect((await rejectionOf<Error>(put(invalid))).name, what).to.equal(code);
    });
  });

  it("keeps the default encryption, which is that of S3 until another is set", async () => {
    const read = async () => (await client.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration!.Rules;
    const byDefault = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false }];
    const Rules = [
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: "k" }, BucketKeyEnabled: true },
    ];
    await start(declare());
    expect(await read()).to.deep.equal(byDefault);
    await client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
    await laptop.stop();
    await start(declare());
    expect(await read()).to.deep.equal(Rules);
    await client.send(new DeleteBucketEncryptionCommand({ Bucket }));
    expect(await read()).to.deep.equal(byDefault);
  });

  it("keeps the public access block and the ownership", async () => {
    await start(declare());
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: true,
      IgnorePublicAcls: false,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: false,
    };
    await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    const own = (ObjectOwnership: ObjectOwnership) =>
      client.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership }] } }));
    await own("BucketOwnerPreferred");
    await laptop.stop();
    await start(declare());
    const block = () => client.send(new GetPublicAccessBlockCommand({ Bucket }));
    const ownership = () => client.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect((await block()).PublicAccessBlockConfiguration).to.deep.equal(PublicAccessBlockConfiguration);
    expect((await ownership()).OwnershipControls!.Rules).to.deep.equal([{ ObjectOwnership: "BucketOwnerPreferred" }]);
    expect((await rejectionOf<Error>(own("ObjectWriter"))).name).to.equal("NotImplemented");
    await client.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await client.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
    expect((await rejectionOf<Error>(block())).name).to.equal("NoSuchPublicAccessBlockConfiguration");
    expect((await rejectionOf<Error>(ownership())).name).to.equal("OwnershipControlsNotFoundError");
  });

  it("names an element that it does not imitate", async () => {
    await start(declare());
    const body = "<ServerSideEncryptionConfiguration><Rule><BlockedEncryptionTypes/></Rule></ServerSideEncryptionConfiguration>";
    const authorization = "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/s3/aws4_request";
    const answer = await fetch(`${laptop.cloud.place.awsUrl}/${Bucket}?encryption`, { method: "PUT", headers: { authorization }, body });
    expect(answer.status).to.equal(501);
    expect(await answer.text())
      .to.contain("<Code>NotImplemented</Code>")
      .and.contain("&lt;BlockedEncryptionTypes&gt; in &lt;Rule&gt;");
  });

  it("reads the settings that the program declares as properties of the bucket", async () => {
    await start(
      declare({
        versioning: { enabled: true },
        corsRules: [{ allowedMethods: ["GET"], allowedOrigins: ["*"] }],
        lifecycleRules: [{ id: "old", enabled: true, prefix: "log/", noncurrentVersionExpiration: { days: 9 } }],
        serverSideEncryptionConfiguration: { rule: { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" } } },
      }),
    );
    expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).to.equal("Enabled");
    expect((await client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).to.deep.equal([
      { AllowedMethods: ["GET"], AllowedOrigins: ["*"] },
    ]);
    expect((await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).to.deep.equal([
      { ID: "old", Status: "Enabled", Filter: { Prefix: "log/" }, NoncurrentVersionExpiration: { NoncurrentDays: 9 } },
    ]);
    const { ServerSideEncryptionConfiguration } = await client.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(ServerSideEncryptionConfiguration!.Rules).to.deep.equal([
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" }, BucketKeyEnabled: false },
    ]);
  });

  describe("CORS", () => {
    const rules: CORSRule[] = [
      {
        AllowedOrigins: ["http://localhost:*"],
        AllowedMethods: ["PUT", "GET"],
        AllowedHeaders: ["x-amz-*", "authorization"],
        ExposeHeaders: ["ETag"],
        MaxAgeSeconds: 60,
      },
    ];
    const put = (CORSRules: CORSRule[]) => client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    const origin = "http://localhost:5173";
    const authorization = "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/s3/aws4_request";
    const send = (method: string, headers: Record<string, string>, key = "k") =>
      fetch(`${laptop.cloud.place.awsUrl}/${Bucket}/${key}`, { method, headers: { origin, ...headers } });
    const asking = (method: string, headers = "Authorization, X-Amz-Date") => ({
      "access-control-request-method": method,
      "access-control-request-headers": headers,
    });

    it("is put, read and deleted, and refused if a method is unknown", async () => {
      await start(declare());
      await put(rules);
      const read = async () => (await client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules;
      expect(await read()).to.deep.equal(rules);
      expect(await rejectionOf(put([{ AllowedOrigins: ["*"], AllowedMethods: ["PATCH"] }])))
        .to.have.property("message")
        .that.contains("Unsupported method is PATCH");
      await client.send(new DeleteBucketCorsCommand({ Bucket }));
      expect((await rejectionOf<Error>(read())).name).to.equal("NoSuchCORSConfiguration");
    });

    it("answers preflight requests, and adds the headers to answers and errors", async () => {
      await start(declare());
      await put(rules);
      const preflight = await send("OPTIONS", { ...asking("PUT"), "sec-fetch-site": "cross-site" });
      expect([preflight.status, await preflight.text()]).to.deep.equal([200, ""]);
      expect(Object.fromEntries(preflight.headers)).to.include({
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "PUT, GET",
        "access-control-allow-headers": "authorization, x-amz-date",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "ETag",
        "access-control-max-age": "60",
      });
      for (const [method, key, status] of [
        ["PUT", "k", 200],
        ["GET", "k", 200],
        ["GET", "missing", 404],
      ] as const) {
        const answer = await send(method, { authorization }, key);
        expect([answer.status, answer.headers.get("access-control-allow-origin")], key).to.deep.equal([status, origin]);
      }
    });

    it("refuses what no rule allows, without running it", async () => {
      await start(declare());
      await put(rules);
      const refused: [method: string, headers: Record<string, string>][] = [
        ["OPTIONS", asking("DELETE")],
        ["OPTIONS", asking("PUT", "x-other")],
        ["OPTIONS", { ...asking("PUT"), origin: "http://127.0.0.1:5173" }],
        ["OPTIONS", { ...asking("PUT"), origin: "https://evil.example" }],
        ["DELETE", { authorization }],
        ["PUT", { authorization, origin: "http://127.0.0.1:5173" }],
      ];
      for (const [method, headers] of refused) {
        const answer = await send(method, headers);
        expect(answer.status, JSON.stringify(headers)).to.equal(403);
        expect(answer.headers.has("access-control-allow-origin")).to.equal(false);
      }
      expect((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount).to.equal(0);
    });
  });
});
