import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { AwsError } from "../../kernel/aws-error";
import type { ServiceCaller } from "../../kernel/caller";
import type { Resource } from "../../kernel/service";
import { bucketArn } from "./names";
import type { Store } from "./store";

/** What GetObject answers, as far as a browser needs it. */
interface Found {
  ContentType?: string;
  ContentLength: number;
  CacheControl?: string;
  ETag: string;
  LastModified: Date;
  Body: NodeJS.ReadableStream;
}

const websiteType = "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration";

const websitePath = (bucket: string) => `/s3-website/${bucket}`;

/** Its scripts run apart from the page, and reach neither the page nor the controls. */
const CONTENT_SECURITY_POLICY = "sandbox allow-scripts allow-forms allow-popups";

/**
 * The website of a bucket: anybody may read what the bucket's policy lets everybody read.
 *
 * Behaves as "Hosting a static website using Amazon S3" (index and error documents); differs: it has a path of the page's server instead of
 * a host name, and redirects and routing rules are refused.
 */
class Website {
  readonly #bucket: string;
  readonly #indexDocument: string;
  readonly #errorDocument: string | undefined;

  constructor(
    private readonly store: Store,
    { inputs }: Resource,
  ) {
    this.#bucket = inputs["bucket"];
    this.#indexDocument = inputs["indexDocument"].suffix;
    this.#errorDocument = inputs["errorDocument"]?.key;
  }

  get path(): string {
    return websitePath(this.#bucket);
  }

  async handle(request: IncomingMessage, response: ServerResponse) {
    response.setHeader("content-security-policy", CONTENT_SECURITY_POLICY);
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(response, new AwsError("MethodNotAllowed", "", 405));
    try {
      const key = decodeURIComponent((request.url ?? "/").split("?", 1)[0]!.slice(this.path.length + 1));
      const isFolder = key === "" || key.endsWith("/");
      await this.#send(request, response, 200, await this.#get(isFolder ? key + this.#indexDocument : key));
    } catch (error) {
      await this.#sendError(request, response, error);
    }
  }

  /** A folder without its slash is redirected to the one with it. Otherwise the error document comes, or a page that says the error. */
  async #sendError(request: IncomingMessage, response: ServerResponse, error: unknown) {
    if (error instanceof URIError) return refuse(response, new AwsError("InvalidURI", "Couldn't parse the specified URI.", 400));
    if (!(error instanceof AwsError) || response.headersSent) throw error;
    const url = request.url!.split("?", 1)[0]!;
    const folder = decodeURIComponent(url.slice(this.path.length + 1));
    if (!folder.endsWith("/") && (await this.#has(`${folder}/${this.#indexDocument}`))) {
      response.writeHead(302, { location: `${url}/` }).end();
      return;
    }
    const errorPage = this.#errorDocument === undefined ? undefined : await this.#get(this.#errorDocument).catch(() => undefined);
    if (errorPage === undefined) refuse(response, error);
    else await this.#send(request, response, error.status, errorPage);
  }

  async #send({ method }: IncomingMessage, response: ServerResponse, status: number, found: Found) {
    response.writeHead(status, {
      "content-type": found.ContentType ?? "binary/octet-stream",
      "content-length": found.ContentLength,
      etag: found.ETag,
      "last-modified": found.LastModified.toUTCString(),
      ...(found.CacheControl === undefined ? {} : { "cache-control": found.CacheControl }),
    });
    if (method === "HEAD") response.end();
    else await pipeline(found.Body, response);
  }

  /** Throws `AwsError`. */
  async #get(key: string): Promise<Found> {
    this.#verifyPublic();
    return this.store.cloud.call("s3", "GetObject", { Bucket: this.#bucket, Key: key }, this.#anybody);
  }

  async #has(key: string): Promise<boolean> {
    return this.store.cloud.call("s3", "HeadObject", { Bucket: this.#bucket, Key: key }, this.#anybody).then(
      () => true,
      () => false,
    );
  }

  /** New buckets block public access until the program says otherwise. Throws `AwsError` AccessDenied. */
  #verifyPublic() {
    const { BlockPublicPolicy = true, RestrictPublicBuckets = true } = this.store.settings(this.#bucket).publicAccessBlock ?? {};
    if (BlockPublicPolicy || RestrictPublicBuckets)
      throw new AwsError("AccessDenied", `The bucket ${this.#bucket} blocks public access; a BucketPublicAccessBlock can allow it.`, 403);
  }

  /** Only statements for everybody match it. */
  get #anybody(): ServiceCaller {
    return { kind: "service", principal: "anonymous", sourceArn: bucketArn(this.#bucket) };
  }
}

const refuse = (response: ServerResponse, { code, status, message }: AwsError) => {
  const title = `${status} ${code}`;
  response
    .writeHead(status, { "content-type": "text/html; charset=utf-8" })
    .end(`<html><h1>${title}</h1><p>${escapeHtml(message)}</p></html>`);
};

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`);

/** Serves the websites of the program's buckets. Returns a function that ends this. */
const serveWebsites = (store: Store): (() => void) => {
  const { cloud } = store;
  const websites = cloud.inventory.ofType(websiteType).map(resource => new Website(store, resource));
  const unmounts = websites.map(website => cloud.mount(website.path, (request, response) => website.handle(request, response)));
  return () => {
    for (const unmount of unmounts) unmount();
  };
};

export { serveWebsites, websitePath, websiteType };
