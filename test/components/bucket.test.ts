import { expect } from "chai";
import { Bucket } from "../../components/bucket";
import { runMocked } from "./mocked";
import { find } from "./registered";

describe("bucket", () => {
  const make = (production = false) => runMocked(() => void new Bucket("archive", { production }));

  it("is private, whatever somebody does to its policy later", async () => {
    const { resources } = await make();
    expect(find(resources, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")).to.include({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
  });

  it("takes encrypted connections only, for itself and its objects", async () => {
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

  it("changes its access in one order, since S3 refuses two changes at once", async () => {
    const { resources } = await make();
    const policy = resources.find(({ type }) => type === "aws:s3/bucketPolicy:BucketPolicy");
    expect(policy?.after).to.include("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock archive");
  });

  it("removes the parts of uploads that nobody ended, and nothing else", async () => {
    const { resources } = await make();
    const rules = find(resources, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")["rules"];
    expect(rules).to.deep.equal([
      { id: "abandoned-parts", status: "Enabled", filter: {}, abortIncompleteMultipartUpload: { daysAfterInitiation: 2 } },
    ]);
  });

  it("keeps old versions for a month in production, and has none elsewhere", async () => {
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

  it("goes with its stack, objects and all, unless that is production", async () => {
    for (const production of [true, false])
      expect(find((await make(production)).resources, "aws:s3/bucket:Bucket")).to.include({ forceDestroy: !production });
  });
});
