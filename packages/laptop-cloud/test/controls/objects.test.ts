import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { createControls } from "../../src/controls";
import { s3 } from "../../src/services/s3";

describe("objects of buckets", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: S3Client;

  before(async () => {
    laptop = await startLaptop({
      definitions: [s3, createControls(() => ({ outputs: {}, secretOutputs: [], config: {} }))],
      resources: [{ type: "aws:s3/bucket:Bucket", name: "shelf", inputs: { bucket: "the-shelf" } }],
    });
    client = new S3Client({ ...laptop.client, forcePathStyle: true });
    const put = (Key: string, ContentType?: string, Metadata?: Record<string, string>) =>
      client.send(new PutObjectCommand({ Bucket: "the-shelf", Key, Body: "<b>hello</b>", ContentType, Metadata }));
    await put("a/page.html", "text/html", { by: "ada" });
    await put("a/list.csv");
    await put("a/report ä.pdf", "application/pdf");
  });

  after(async () => {
    client?.destroy();
    await laptop?.stop();
  });

  const get = (path: string, init?: RequestInit) => fetch(`${laptop.cloud.place.pageUrl}/control/${path}`, init);

  it("have a type, a size and metadata", async () => {
    const details = (key: string) => get(`object-details?bucket=shelf&key=${encodeURIComponent(key)}`).then(response => response.json());
    expect(await details("a/page.html")).to.deep.include({ type: "text/html", sizeBytes: 12, metadata: { by: "ada" } });
    expect(await details("a/list.csv")).to.include({ shownAs: "text/csv; charset=utf-8" });
  });

  it("are opened in a sandbox, except for PDFs, which the browser's viewer shows", async () => {
    const page = await get("object?bucket=shelf&key=a/page.html");
    expect(await page.text()).to.equal("<b>hello</b>");
    expect(page.headers.get("content-type")).to.equal("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).to.match(/^sandbox;/);
    expect(page.headers.get("x-content-type-options")).to.equal("nosniff");
    const pdf = await get("object?bucket=shelf&key=a/report%20%C3%A4.pdf");
    await pdf.arrayBuffer();
    expect(pdf.headers.get("content-security-policy")).to.equal(null);
    expect(pdf.headers.get("content-disposition")).to.equal("inline; filename*=UTF-8''report%20%C3%A4.pdf");
  });

  it("are downloaded, also in part", async () => {
    const part = await get("object?bucket=shelf&key=a/page.html&download=1", { headers: { range: "bytes=3-7" } });
    expect([part.status, await part.text()]).to.deep.equal([206, "hello"]);
    expect(part.headers.get("content-disposition")).to.match(/^attachment;/);
  });

  it("are missed in a sentence", async () => {
    expect((await get("object?bucket=shelf&key=none")).status).to.equal(404);
    expect(await (await get("object?bucket=none&key=none")).json()).to.include({ message: 'There is no bucket "none".' });
  });
});
