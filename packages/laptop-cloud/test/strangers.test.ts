import { request } from "node:http";
import { connect } from "node:net";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { ServiceDefinition } from "../src/kernel/service";
import { s3 } from "../src/services/s3";

type Port = "page" | "aws";

const doors = ["/api-gateway/webhook", "/api-gateway/events"];
const landingPages = ["/api-gateway/install"];
const tunnel = "abc.tunnel.example";

describe("strangers", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  /** Requests that were not refused. */
  let taken: string[] = [];

  /** Answers everything on the page's port, and one operation on the AWS port. */
  const counter: ServiceDefinition = {
    name: "notes",
    resources: {},
    always: true,
    wire: { protocol: "query", version: "2026-01-01" },
    create: cloud => ({
      operations: {
        Note: async () => {
          taken.push("aws");
          return {};
        },
      },
      start: async () => {
        cloud.mount("/", (incoming, response) => {
          taken.push(incoming.url!);
          response.end();
        });
      },
      stop: async () => {},
    }),
  };

  before(async () => {
    laptop = await startLaptop({
      definitions: [counter, s3],
      resources: [{ type: "aws:s3/bucket:Bucket", name: "files", inputs: {} }],
      exceptions: { allowedHosts: [tunnel], signedDoors: doors, landingPages },
    });
  });
  after(() => laptop.stop());
  beforeEach(() => {
    taken = [];
  });

  const urlOf = (port: Port) => new URL(port === "page" ? laptop.cloud.place.pageUrl : laptop.cloud.place.awsUrl);
  const credential = "test/20261122/us-east-1/notes/aws4_request";
  const noted = `/?Action=Note&X-Amz-Credential=${encodeURIComponent(credential)}`;

  interface Asked {
    method?: string;
    path?: string;
    headers?: Record<string, string | string[]>;
  }

  /** fetch can't set the Host header. */
  const ask = (port: Port, { method = "POST", path = port === "page" ? "/" : noted, headers = {} }: Asked = {}) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      request({ port: urlOf(port).port, host: "127.0.0.1", method, path, headers }, response => {
        let body = "";
        response
          .on("data", chunk => (body += chunk))
          .on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body }));
      })
        .on("error", reject)
        .end();
    });

  const hosts: [host: string, status: number][] = [
    ["127.0.0.1:PORT", 200],
    ["localhost:PORT", 200],
    ["LocalHost:PORT", 200],
    ["[::1]:PORT", 200],
    ["localhost", 200],
    // A forwarded port.
    ["localhost:8080", 200],
    ["evil.example", 403],
    ["evil.example:PORT", 403],
    ["127.0.0.1.nip.io:PORT", 403],
    ["localhost.evil.example", 403],
    ["localhost.:PORT", 403],
    ["2130706433:PORT", 403],
    ["0x7f.1", 403],
    ["user@127.0.0.1:PORT", 403],
    ["127.0.0.1:PORT:80", 403],
    [tunnel, 403],
  ];
  for (const port of ["page", "aws"] as const) {
    for (const [host, status] of hosts) {
      it(`answers ${status} to the host ${JSON.stringify(host)} on the ${port} port`, async () => {
        const answer = await ask(port, { headers: { host: host.replace("PORT", urlOf(port).port) } });
        expect([answer.status, taken.length], answer.body).to.deep.equal([status, status === 200 ? 1 : 0]);
      });
    }

    const oddHosts = { "no Host": "", "an empty Host": "Host:\r\n", "two Hosts": "Host: 127.0.0.1\r\nHost: evil.example\r\n" };
    for (const [what, host] of Object.entries(oddHosts)) {
      it(`refuses ${what} on the ${port} port`, async () => {
        const socket = connect(Number(urlOf(port).port), "127.0.0.1");
        let received = "";
        socket.on("data", data => (received += data)).write(`GET ${port === "page" ? "/" : noted} HTTP/1.0\r\n${host}\r\n`);
        await new Promise(resolve => socket.once("close", resolve));
        expect([received.split("\r\n", 1)[0], taken.length]).to.deep.equal(["HTTP/1.1 403 Forbidden", 0]);
      });
    }

    const pageOrigin = () => urlOf("page").origin;
    const origins: [what: string, headers: () => Record<string, string>, status: number][] = [
      ["another site's page", () => ({ origin: "https://evil.example" }), 403],
      ["a sandboxed page", () => ({ origin: "null" }), 403],
      ["no URL as origin", () => ({ origin: "not a url" }), 403],
      ["another program's page on this machine", () => ({ origin: "http://127.0.0.1:8080" }), 403],
      ["the page over https", () => ({ origin: pageOrigin().replace("http", "https") }), 403],
      ["a page that the AWS port serves", () => ({ origin: urlOf("aws").origin }), 403],
      ["the page", () => ({ origin: pageOrigin(), "sec-fetch-site": port === "page" ? "same-origin" : "same-site" }), 200],
      ["an image of another site", () => ({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }), 403],
      [
        "a link of another site",
        () => ({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }),
        403,
      ],
      ["an address that was typed", () => ({ "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }), 200],
    ];
    for (const [what, headers, status] of origins) {
      it(`answers ${status} to ${what} on the ${port} port`, async () => {
        for (const method of ["POST", "GET", "OPTIONS"]) {
          taken = [];
          const answer = await ask(port, { method, headers: headers() });
          expect([answer.status, taken.length], `${method}: ${answer.body}`).to.deep.equal([status, status === 200 ? 1 : 0]);
        }
      });
    }
  }

  it("lets requests to a host from --allow-host reach the signed doors only", async () => {
    for (const host of [tunnel, `${tunnel.toUpperCase()}:443`])
      for (const path of [...doors, `${doors[0]}?x=1`]) expect((await ask("page", { path, headers: { host } })).status, path).to.equal(200);
    const others = ["/", "/control/clock", "/slack/say", "/mail", "/api-gateway/api/resources", "/api-gateway/mcp", "/api-gateway/install"];
    for (const path of [...others, `${doors[0]}/`, `${doors[0]}/../mcp`, `http://${tunnel}${doors[0]}`, `/control/..${doors[0]}`])
      expect((await ask("page", { path, headers: { host: tunnel } })).status, path).to.equal(403);
    expect((await ask("page", { path: doors[0], headers: { host: tunnel, origin: `http://${tunnel}` } })).status).to.equal(403);
    expect((await ask("page", { path: doors[0], headers: { host: `x.${tunnel}` } })).status).to.equal(403);
    expect(taken).to.have.lengthOf(6);
  });

  it("lets a browser open a landing page from another site, as a top-level navigation only", async () => {
    const landing = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    const path = `${landingPages[0]}?code=1`;
    expect((await ask("page", { method: "GET", path, headers: landing })).status).to.equal(200);
    for (const headers of [
      { ...landing, "sec-fetch-dest": "iframe" },
      { ...landing, "sec-fetch-mode": "no-cors" },
    ])
      expect((await ask("page", { method: "GET", path, headers })).status).to.equal(403);
    expect((await ask("page", { method: "POST", path, headers: landing })).status).to.equal(403);
    expect((await ask("page", { method: "GET", path: "/api-gateway/webhook", headers: landing })).status).to.equal(403);
    expect(taken).to.have.lengthOf(1);
  });

  it("explains what it refused and what it expects", async () => {
    const { body, headers } = await ask("page", { headers: { host: "evil.example" } });
    expect(body).to.match(
      /^The host "evil\.example" is not this machine\. Use 127\.0\.0\.1, localhost, \[::1\]\. A name from --allow-host/,
    );
    expect(headers["x-content-type-options"]).to.equal("nosniff");
  });

  it("serves buckets by host name, and lets no script from S3 run", async () => {
    const client = new S3Client({ ...laptop.client, forcePathStyle: true });
    await client.send(new PutObjectCommand({ Bucket: "files", Key: "x.html", Body: "<script>1</script>", ContentType: "text/html" }));
    const query = `X-Amz-Credential=${encodeURIComponent("test/20261122/us-east-1/s3/aws4_request")}`;
    for (const [host, path, status] of [
      ["127.0.0.1", "/files/x.html", 200],
      ["files.localhost", "/x.html", 200],
      ["files.s3.localhost", "/x.html", 200],
      ["127.0.0.1", "/files/missing.html", 404],
      ["127.0.0.1", "/", 200],
    ] as const) {
      const answer = await ask("aws", { method: "GET", path: `${path}?${query}`, headers: { host: `${host}:${urlOf("aws").port}` } });
      expect(answer.status, `${host}${path}`).to.equal(status);
      expect(answer.headers, `${host}${path}`).to.include({ "content-security-policy": "sandbox", "x-content-type-options": "nosniff" });
    }
  });
});
