import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Front } from "../../local/front";

describe("the page's server", () => {
  let server: Server;
  let port: number;
  const front = new Front();

  before(async () => {
    for (const prefix of ["/", "/slack", "/slack/api"]) front.mount(prefix, (_request, response) => void response.end(prefix));
    front.mount("/full", () => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    });
    server = createServer((incoming, response) => void front.handle(incoming, response));
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(() => server.close());

  /** fetch does not let one choose the Host. */
  const get = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      request({ port, host: "127.0.0.1", path, headers }, response => {
        let body = "";
        response.on("data", chunk => (body += chunk)).on("end", () => resolve({ status: response.statusCode!, body }));
      })
        .on("error", reject)
        .end();
    });

  const routes: [path: string, prefix: string][] = [
    ["/", "/"],
    ["/slack", "/slack"],
    ["/slack/say?x=1", "/slack"],
    ["/slack/api/auth.test", "/slack/api"],
    ["/slackers", "/"],
  ];
  for (const [path, prefix] of routes) {
    it(`hands ${path} to ${prefix}`, async () => {
      expect(await get(path)).to.deep.equal({ status: 200, body: prefix });
    });
  }

  it("answers this machine's names only, whatever points here", async () => {
    expect((await get("/", { host: "evil.example:3000" })).status).to.equal(403);
    expect((await get("/", { host: "127.0.0.1.evil.example" })).status).to.equal(403);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
      expect((await get("/", { host })).status, host).to.equal(200);
  });

  it("answers no page of another origin", async () => {
    expect((await get("/", { origin: "https://evil.example" })).status).to.equal(403);
    expect((await get("/", { origin: "not a url" })).status).to.equal(403);
    expect((await get("/", { origin: "null" })).status).to.equal(403);
    expect((await get("/", { origin: `http://127.0.0.1:${port}` })).status).to.equal(200);
  });

  it("says that the disk is full", async () => {
    const { status, body } = await get("/full");
    expect(status).to.equal(503);
    expect(body).to.include("no space left on device");
  });
});
