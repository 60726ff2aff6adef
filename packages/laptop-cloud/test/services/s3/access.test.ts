import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { AwsError } from "../../../src/kernel/aws-error";
import type { Caller } from "../../../src/kernel/caller";
import type { Declared } from "../../../src/kernel/service";
import { iam } from "../../../src/services/iam";
import { s3 } from "../../../src/services/s3";

const Bucket = "raw";
const roleArn = (name: string) => `arn:aws:iam::000000000000:role/${name}`;

const createRole = (name: string, statements: object[]): Declared[] => [
  {
    type: "aws:iam/role:Role",
    name,
    inputs: {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
    },
  },
  {
    type: "aws:iam/rolePolicy:RolePolicy",
    name,
    inputs: { role: name, policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) },
  },
];

const resources: Declared[] = [
  { type: "aws:s3/bucket:Bucket", name: Bucket, inputs: {} },
  {
    type: "aws:s3/bucketPolicy:BucketPolicy",
    name: "tls-only",
    inputs: {
      bucket: Bucket,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: ["arn:aws:s3:::raw", "arn:aws:s3:::raw/*"],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
          { Effect: "Deny", Principal: "*", Action: "s3:DeleteObject", Resource: "arn:aws:s3:::raw/kept/*" },
        ],
      }),
    },
  },
  ...createRole("reader", [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::raw/in/*" }]),
  ...createRole("keeper", [
    { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Resource: "arn:aws:s3:::raw/*" },
    { Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws:s3:::raw" },
  ]),
];

describe("s3 access", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;

  beforeEach(async () => {
    laptop = await startLaptop({ definitions: [iam, s3], resources });
  });

  afterEach(() => laptop.stop());

  const as = (role: string, operation: string, input: object) => {
    const caller: Caller = { kind: "role", roleArn: roleArn(role), principal: "lambda.amazonaws.com" };
    return laptop.cloud.call("s3", operation, { Bucket, ...input }, caller).then(
      () => "ok",
      (error: AwsError) => error.code,
    );
  };

  it("allows what the role's policy allows, and no more", async () => {
    expect(await as("keeper", "PutObject", { Key: "in/a", Body: "a" })).to.equal("ok");

    expect(await as("reader", "GetObject", { Key: "in/a" })).to.equal("ok");
    expect(await as("reader", "GetObject", { Key: "out/a" })).to.equal("AccessDenied");
    expect(await as("reader", "PutObject", { Key: "in/a", Body: "b" })).to.equal("AccessDenied");
    expect(await as("reader", "PutObjectTagging", { Key: "in/a", Tagging: { TagSet: [] } })).to.equal("AccessDenied");
    expect(await as("keeper", "PutObject", { Key: "in/b", Body: "b", Tagging: "a=b" })).to.equal("AccessDenied");
  });

  it("reports a missing key only to callers who may list", async () => {
    expect(await as("reader", "GetObject", { Key: "in/missing" })).to.equal("AccessDenied");
    expect(await as("keeper", "GetObject", { Key: "in/missing" })).to.equal("NoSuchKey");
  });

  it("enforces the bucket's policy, and treats every call as one over TLS", async () => {
    expect(await as("keeper", "PutObject", { Key: "kept/a", Body: "a" })).to.equal("ok");
    expect(await as("keeper", "DeleteObject", { Key: "kept/a" })).to.equal("AccessDenied");
    expect(await as("keeper", "DeleteObject", { Key: "in/a" })).to.equal("ok");
  });

  it("checks the copy's source and its target", async () => {
    await as("keeper", "PutObject", { Key: "in/a", Body: "a" });

    expect(await as("keeper", "CopyObject", { Key: "out/a", CopySource: "raw/in/a" })).to.equal("ok");
    expect(await as("reader", "CopyObject", { Key: "out/b", CopySource: "raw/in/a" })).to.equal("AccessDenied");
  });
});
