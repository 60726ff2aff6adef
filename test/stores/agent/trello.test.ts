import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { createTrello, type Trello } from "#stores/agent/trello";

interface Call {
  request: string;
  body: unknown;
}

/** A fake Trello that answers as the test says. */
const startApi = async () => {
  const calls: Call[] = [];
  const answers: { status?: number; headers?: Record<string, string>; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    calls.push({ request: `${request.method} ${request.url}`, body: text === "" ? undefined : JSON.parse(text) });
    const { status = 200, headers = {}, body } = answers.shift() ?? { body: {} };
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/1`;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { calls, answers, url, stop };
};

describe("trello", () => {
  let api: Awaited<ReturnType<typeof startApi>>;
  let trello: Trello;
  let deadline: Deadline;
  const card = { id: "abc", list: "L1", name: "Fix it", description: "soon" };

  beforeEach(async () => {
    api = await startApi();
    deadline = new Deadline(30_000);
    trello = createTrello(api.url, { TRELLO_KEY: "k", TRELLO_TOKEN: "t" })!;
  });
  afterEach(() => api.stop());

  it("creates a card with its id below the description", async () => {
    api.answers.push({ body: { id: "c1", url: "https://trello.example/c/1" } });
    expect(await trello.create(card, deadline)).to.deep.equal({ cardId: "c1", url: "https://trello.example/c/1" });
    expect(api.calls).to.deep.equal([
      { request: "POST /1/cards?key=k&token=t", body: { idList: "L1", name: "Fix it", desc: "soon\n\n_Ref abc_" } },
    ]);
  });

  it("finds a card by its id, and no other", async () => {
    const cards = [
      { id: "c1", url: "u1", desc: "_Ref abcd_" },
      { id: "c2", url: "u2", desc: "soon\n\n_Ref abc_" },
    ];
    api.answers.push({ body: cards }, { body: cards.slice(0, 1) });
    expect(await trello.find(card, deadline)).to.deep.equal({ cardId: "c2", url: "u2" });
    expect(await trello.find(card, deadline)).to.equal(undefined);
    expect(api.calls[0]!.request).to.equal("GET /1/lists/L1/cards?key=k&token=t");
  });

  it("tells whether a retry may succeed, and never reveals the token", async () => {
    api.answers.push({ status: 429, body: {} }, { status: 503, body: {} }, { status: 400, body: {} });
    const errors = [];
    for (let call = 0; call < 3; call += 1) errors.push(await rejectionOf(trello.create(card, deadline)));
    expect(errors.map(error => (error as Error).name)).to.deep.equal(["ToolBusy", "ToolBusy", "ToolRefused"]);
    await api.stop();
    const unreachable = await rejectionOf(trello.create(card, deadline));
    expect(unreachable).to.include({ name: "ToolBusy" });
    expect(JSON.stringify(unreachable)).not.to.include("token=t");
    api = await startApi();
  });

  it("does not follow redirects", async () => {
    api.answers.push({ status: 302, headers: { location: `${api.url}/elsewhere` }, body: {} });
    expect(await rejectionOf(trello.create(card, deadline))).to.include({ name: "ToolBusy" });
    expect(api.calls).to.have.length(1);
  });

  it("does not exist without credentials", () => {
    expect(createTrello(api.url, { TRELLO_KEY: "k" })).to.equal(undefined);
    expect(createTrello("", { TRELLO_KEY: "k", TRELLO_TOKEN: "t" })).to.equal(undefined);
  });
});
