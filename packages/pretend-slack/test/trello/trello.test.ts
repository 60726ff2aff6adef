import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { createTrello } from "../../src/trello";

const configuration = { "any:trelloKey": "a-key", "any:trelloToken": "a-token" };

interface Card {
  id: string;
  url: string;
  shortUrl: string;
  name: string;
  desc: string;
  idList: string;
}

describe("trello", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;

  const start = async (config: Record<string, string> = configuration) => {
    const trello = createTrello(() => ({ outputs: {}, secretOutputs: [], config }));
    laptop = await startLaptop({ definitions: [trello], directory });
  };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-trello-"));
    await start();
  });
  afterEach(async () => {
    await laptop.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const call = (method: string, path: string, given: Record<string, string> = { key: "a-key", token: "a-token" }, init: RequestInit = {}) =>
    fetch(`${laptop.cloud.place.pageUrl}/slack/trello/1/${path}?${new URLSearchParams(given).toString()}`, { method, ...init });
  const create = async (card: Record<string, string>) =>
    (await (await call("POST", "cards", { key: "a-key", token: "a-token", ...card })).json()) as Card;

  it("creates and returns cards, and keeps them after a restart", async () => {
    const first = await create({ idList: "list-1", name: "Fix it", desc: "soon" });
    const json = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ idList: "list-1", name: "Two" }),
    };
    const second = (await (await call("POST", "cards", undefined, json)).json()) as Card;
    await create({ idList: "list-2", name: "Elsewhere" });
    expect(first).to.include({ name: "Fix it", desc: "soon", idList: "list-1", closed: false });
    expect(first.id).to.match(/^[0-9a-f]{24}$/);
    expect(await (await fetch(first.url)).text()).to.equal("Fix it\n\nsoon\n");
    expect(await (await fetch(first.shortUrl)).text()).to.equal("Fix it\n\nsoon\n");

    await laptop.stop();
    await start();
    const cards = (await (await call("GET", "lists/list-1/cards")).json()) as Card[];
    expect(cards.map(({ id }) => id)).to.deep.equal([first.id, second.id]);
    expect(((await (await call("GET", `cards/${second.id}`)).json()) as Card).name).to.equal("Two");
  });

  it("refuses requests without the right key and token", async () => {
    for (const given of [{}, { key: "a-key" }, { token: "a-token" }, { key: "a-key", token: "wrong" }] as Record<string, string>[]) {
      expect((await call("POST", "cards", { ...given, idList: "list-1" })).status).to.equal(401);
    }
    expect(await (await call("GET", "lists/list-1/cards")).json()).to.deep.equal([]);
  });

  it("accepts any key and token if the program has none, but requires both", async () => {
    await laptop.stop();
    await start({});
    expect((await call("GET", "lists/l/cards", { key: "any", token: "any" })).status).to.equal(200);
    expect((await call("GET", "lists/l/cards", { key: "any" })).status).to.equal(401);
  });

  const refused: [string, string, string, Record<string, string>, number, string][] = [
    ["a card without a list", "POST", "cards", { name: "x" }, 400, "invalid value for idList"],
    ["a card that there is not", "GET", "cards/5f0000000000000000000000", {}, 404, "The requested resource was not found."],
    ["another path", "GET", "boards/b", {}, 404, "Cannot GET /slack/trello/1/boards/b"],
  ];
  for (const [what, method, path, given, status, message] of refused) {
    it(`refuses ${what}`, async () => {
      const response = await call(method, path, { key: "a-key", token: "a-token", ...given });
      expect([response.status, await response.text()]).to.deep.equal([status, message]);
    });
  }

  it("refuses a name that is too long", async () => {
    const body = new URLSearchParams({ idList: "l", name: "x".repeat(16_385) });
    const response = await call("POST", "cards", undefined, { body });
    expect([response.status, await response.text()]).to.deep.equal([400, "invalid value for name"]);
  });

  it("refuses another method", async () => {
    const response = await call("DELETE", "cards");
    expect([response.status, response.headers.get("allow")]).to.deep.equal([405, "POST"]);
  });

  it("refuses a path that is not percent-encoded", async () => {
    expect((await call("GET", "cards/%zz")).status).to.equal(400);
  });
});
