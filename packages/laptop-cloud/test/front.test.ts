import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Front } from "../src/front";

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

  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.text() };
  };

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

  it("makes requests wait while a reload replaces their handler", async () => {
    const unmount = front.mount("/doors", (_request, response) => void response.end("old"));
    let answer: ReturnType<typeof get> | undefined;

    await front.whileReloading(async () => {
      unmount();
      answer = get("/doors/webhook");
      await get("/slack");
      front.mount("/doors", (_request, response) => void response.end("new"));
    });

    expect(await answer).to.deep.equal({ status: 200, body: "new" });
  });

  it("says that the disk is full", async () => {
    const { status, body } = await get("/full");
    expect(status).to.equal(503);
    expect(body).to.include("no space left on device");
  });
});
