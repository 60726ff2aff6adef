import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import fc from "fast-check";
import { s3 } from "../../../src/services/s3";

const Bucket = "model";

/** Few characters, so that keys share prefixes; including some that are special in URLs, XML and UTF-16. */
const key = fc.string({ unit: fc.constantFrom("a", "b", "/", ".", "%", "+", " ", "&", "ü", "\u{ff5e}", "😀"), minLength: 1, maxLength: 6 });
const step = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), key, body: fc.uint8Array({ maxLength: 160 }) }),
  fc.record({ kind: fc.constant("delete" as const), key }),
  fc.record({
    kind: fc.constant("list" as const),
    prefix: fc.string({ unit: fc.constantFrom("a", "b", "/", "ü"), maxLength: 2 }),
    max: fc.integer({ min: 1, max: 4 }),
  }),
);

describe("s3 as a map of keys to bytes", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: S3Client;

  before(async () => {
    laptop = await startLaptop({ definitions: [s3], resources: [{ type: "aws:s3/bucket:Bucket", name: Bucket, inputs: {} }] });
    client = new S3Client(laptop.client);
  });

  after(async () => {
    client.destroy();
    await laptop.stop();
  });

  const get = async (Key: string) =>
    Buffer.from(await (await client.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToByteArray());

  /** Lists page by page with a delimiter: keys, and rolled-up prefixes. */
  const list = async (Prefix: string, MaxKeys: number): Promise<string[]> => {
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, Delimiter: "/", MaxKeys, ContinuationToken }));
      found.push(...(page.Contents ?? []).map(({ Key }) => Key!), ...(page.CommonPrefixes ?? []).map(item => item.Prefix!));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return found.sort();
  };

  const rolledUp = (keys: Iterable<string>, prefix: string): string[] => {
    const rolled = [...keys]
      .filter(name => name.startsWith(prefix))
      .map(name => {
        const at = name.indexOf("/", prefix.length);
        return at === -1 ? name : name.slice(0, at + 1);
      });
    return [...new Set(rolled)].sort();
  };

  it("behaves like a map", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
        const model = new Map<string, Buffer>();
        for (const { Key } of (await client.send(new ListObjectsV2Command({ Bucket }))).Contents ?? [])
          await client.send(new DeleteObjectCommand({ Bucket, Key }));
        for (const action of steps) {
          if (action.kind === "put") {
            const bytes = Buffer.from(action.body);
            await client.send(new PutObjectCommand({ Bucket, Key: action.key, Body: bytes }));
            model.set(action.key, bytes);
          } else if (action.kind === "delete") {
            await client.send(new DeleteObjectCommand({ Bucket, Key: action.key }));
            model.delete(action.key);
          } else expect(await list(action.prefix, action.max)).to.deep.equal(rolledUp(model.keys(), action.prefix));
        }
        for (const [name, bytes] of model) expect((await get(name)).equals(bytes)).to.equal(true);
        expect(await list("", 3)).to.deep.equal(rolledUp(model.keys(), ""));
      }),
      {
        numRuns: 25,
        // A random run found this: a key that equals the prefix and ends with the delimiter hid the keys after it from the next page.
        examples: [
          [
            [
              { kind: "put", key: "/", body: new Uint8Array() },
              { kind: "put", key: "/a", body: new Uint8Array() },
              { kind: "list", prefix: "/", max: 1 },
            ],
          ],
        ],
      },
    );
  });
});
