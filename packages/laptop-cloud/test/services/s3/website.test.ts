import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { iam } from "../../../src/services/iam";
import { s3 } from "../../../src/services/s3";

const object = (bucket: string, key: string, content: string): Declared => ({
  type: "aws:s3/bucketObject:BucketObject",
  name: `${bucket}-${key}`,
  inputs: { bucket, key, content, contentType: "text/html" },
});

const site = (bucket: string, publicAccess: Declared["inputs"]): Declared[] => [
  { type: "aws:s3/bucket:Bucket", name: bucket, inputs: {} },
  { type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name: bucket, inputs: { bucket, ...publicAccess } },
  {
    type: "aws:s3/bucketPolicy:BucketPolicy",
    name: bucket,
    inputs: {
      bucket,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: "*",
            Action: ["s3:GetObject", "s3:ListBucket"],
            Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
          },
          { Effect: "Deny", Principal: "*", Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/private/*` },
        ],
      }),
    },
  },
  {
    type: "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
    name: bucket,
    inputs: { bucket, indexDocument: { suffix: "index.html" }, ...(bucket === "site" ? { errorDocument: { key: "error.html" } } : {}) },
  },
  ...["index.html", "docs/index.html", "private/index.html", "a b.html"].map(key => object(bucket, key, `<p>${key}</p>`)),
];

const resources = [
  ...site("site", {}),
  object("site", "error.html", "<p>sorry</p>"),
  ...site("plain", {}),
  ...site("blocked", { restrictPublicBuckets: true }),
];

describe("s3 website", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  before(async () => {
    laptop = await startLaptop({ definitions: [iam, s3], resources });
  });
  after(() => laptop.stop());

  const get = async (bucket: string, path: string, init: RequestInit = {}) => {
    const { websiteEndpoint } = laptop.cloud.inventory
      .ofType("aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration")
      .find(({ name }) => name === bucket)!.outputs;
    const response = await fetch(`http://${websiteEndpoint}${path}`, { redirect: "manual", ...init });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  it("serves objects, and the index document of a folder", async () => {
    for (const [path, text] of [
      ["", "<p>index.html</p>"],
      ["/", "<p>index.html</p>"],
      ["/docs/?x=1", "<p>docs/index.html</p>"],
      ["/a%20b.html", "<p>a b.html</p>"],
    ] as const)
      expect(await get("site", path), path).to.include({ status: 200, text });
    const { headers, text } = await get("site", "/", { method: "HEAD" });
    expect([headers.get("content-type"), headers.get("content-length"), text]).to.deep.equal(["text/html", "17", ""]);
  });

  it("redirects a folder to its slash", async () => {
    const { status, headers } = await get("site", "/docs");
    expect([status, headers.get("location")]).to.deep.equal([302, "/s3-website/site/docs/"]);
  });

  it("answers with the error document, or with a page that says the error", async () => {
    expect(await get("site", "/no")).to.include({ status: 404, text: "<p>sorry</p>" });
    expect(await get("site", "/private/")).to.include({ status: 403, text: "<p>sorry</p>" });
    const { status, text } = await get("plain", "/no");
    expect([status, text]).to.deep.equal([404, "<html><h1>404 NoSuchKey</h1><p>The specified key does not exist.</p></html>"]);
    expect(await get("plain", "/%E0%A4%A", {})).to.include({ status: 400 });
    expect(await get("site", "/", { method: "POST" })).to.include({ status: 405 });
  });

  it("is closed while the bucket blocks public access", async () => {
    const { status, text } = await get("blocked", "/");
    expect([status, text]).to.deep.equal([
      403,
      "<html><h1>403 AccessDenied</h1><p>The bucket blocked blocks public access; a BucketPublicAccessBlock can allow it.</p></html>",
    ]);
  });

  it("keeps scripts away from the page", async () => {
    expect((await get("site", "/")).headers.get("content-security-policy")).to.match(/^sandbox (?!.*allow-same-origin)/);
  });
});
