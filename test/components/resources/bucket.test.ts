import { expect } from "chai";
import { Bucket } from "../../../components/resources/bucket";
import { runMocked } from "../mocked";
import { find } from "../registered";

describe("bucket", () => {
  const make = (production = false) => runMocked(() => void new Bucket("archive", { production }));

  it("blocks public access, whatever its policy says", async () => {
    const { resources } = await make();
    expect(find(resources, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")).to.include({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
  });

  it("accepts encrypted connections only, for itself and its objects", async () => {
    const { resources } = await make();
    const arn = "arn:aws:mock:us-east-1:000000000000:archive";
    expect(JSON.parse(find(resources, "aws:s3/bucketPolicy:BucketPolicy")["policy"]).Statement).to.deep.equal([
      {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("changes its access settings one after another, since S3 refuses concurrent changes", async () => {
    const { resources } = await make();
    const policy = resources.find(({ type }) => type === "aws:s3/bucketPolicy:BucketPolicy");
    expect(policy?.after).to.include("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock archive");
  });

  it("removes the parts of unfinished uploads, and nothing else", async () => {
    const { resources } = await make();
    const rules = find(resources, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")["rules"];
    expect(rules).to.deep.equal([
      { id: "abandoned-parts", status: "Enabled", filter: {}, abortIncompleteMultipartUpload: { daysAfterInitiation: 2 } },
    ]);
  });

  it("keeps old versions for a month in production only", async () => {
    const { resources } = await make(true);
    expect(find(resources, "aws:s3/bucketVersioning:BucketVersioning")).to.deep.include({
      versioningConfiguration: { status: "Enabled" },
    });
    const lifecycle = resources.find(({ type }) => type === "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")!;
    expect(lifecycle.inputs["rules"][1]).to.deep.include({ status: "Enabled", noncurrentVersionExpiration: { noncurrentDays: 30 } });
    expect(lifecycle.after).to.include("aws:s3/bucketVersioning:BucketVersioning archive");

    const development = await make();
    expect(development.resources.filter(({ type }) => type === "aws:s3/bucketVersioning:BucketVersioning")).to.deep.equal([]);
  });

  it("deletes what has expired, also its old versions soon", async () => {
    const { resources } = await runMocked(() => void new Bucket("archive", { production: true, expiresAfterDays: 30 }));
    const rules = find(resources, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")["rules"];
    expect(rules[1]).to.deep.include({ noncurrentVersionExpiration: { noncurrentDays: 1 } });
    expect(rules[2]).to.deep.equal({ id: "expired", status: "Enabled", filter: {}, expiration: { days: 30 } });
  });

  it("is deleted with its stack and all objects, except in production", async () => {
    for (const production of [true, false])
      expect(find((await make(production)).resources, "aws:s3/bucket:Bucket")).to.include({ forceDestroy: !production });
  });
});
