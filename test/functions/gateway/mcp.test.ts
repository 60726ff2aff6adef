import { randomUUID } from "node:crypto";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { TOOL_NAMES } from "#core/agent/tools";
import { SlackBusy } from "#core/errors";
import type { Gateway } from "#functions/gateway";
import { type Sent, sendTo } from "./calls";
import { type GatewayWorld, TOKEN, useGatewayWorld } from "./world";

describe("mcp", () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  useGatewayWorld(made => {
    world = made;
  });
  beforeEach(() => {
    sinon.stub(console, "log");
    sinon.stub(console, "error");
    gateway = world.createGateway();
  });
  afterEach(() => sinon.restore());

  const send = (sent: Sent = {}) => sendTo(gateway, sent);

  /** HTTP as the official client makes it, as far as API Gateway hands it on. */
  const fetchGateway = async (_: string | URL, init: RequestInit = {}): Promise<Response> => {
    const headers = Object.fromEntries(new Headers(init.headers));
    const { statusCode, headers: answered, body } = await send({ method: init.method ?? "GET", headers, body: String(init.body ?? "") });
    return new Response(body === "" ? null : body, { status: statusCode, headers: answered });
  };

  const connect = async (mode: "auto" | "legacy", token = TOKEN) => {
    const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
    const transport = new StreamableHTTPClientTransport(new URL("https://gateway.invalid/mcp"), {
      fetch: fetchGateway,
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    });
    await client.connect(transport);
    return client;
  };

  for (const mode of ["auto", "legacy"] as const) {
    describe(`to the official client (${mode})`, () => {
      it("lists the tools and calls one", async () => {
        const client = await connect(mode);
        const { tools } = await client.listTools();
        expect(tools.map(({ name }) => name)).to.deep.equal(TOOL_NAMES);
        const called = await client.callTool({ name: "post_to_slack", arguments: { text: "hello", channel: "C0002" } });
        expect(called.structuredContent).to.deep.equal({ channel: "C0002", ts: "1763805700.000001" });
        expect(called.isError ?? false).to.equal(false);
        expect(world.slack.messages).to.have.length(1);
        await client.close();
      });

      it("returns a refusal as a result, and an unknown tool as an error", async () => {
        const client = await connect(mode);
        const refused = await client.callTool({ name: "post_to_slack", arguments: { text: "hello", channel: "C0009" } });
        expect(refused).to.deep.include({ isError: true });
        expect(JSON.stringify(refused.content)).to.include('"channel: ');
        expect(await rejectionOf(client.callTool({ name: "rm_rf", arguments: {} }))).to.include({ code: -32602 });
        await client.close();
      });

      it("answers 429 if a retry may succeed", async () => {
        const client = await connect(mode);
        world.slack.problems.push(new SlackBusy("Slack asks to wait 7 s.", { retryAfterSeconds: 7 }));
        const call = { name: "post_to_slack", arguments: { text: "hello", channel: "C0002", idempotencyKey: randomUUID() } };
        expect(await rejectionOf(client.callTool(call))).to.include({ status: 429 });
        expect((await client.callTool(call)).structuredContent).to.have.property("ts");
        await client.close();
      });
    });
  }

  describe("by hand", () => {
    it("answers JSON, and keeps no session", async () => {
      const { statusCode, headers, body } = await send();
      expect(statusCode).to.equal(200);
      expect(headers["content-type"]).to.match(/^application\/json/);
      expect(headers).not.to.have.property("mcp-session-id");
      expect(JSON.parse(body).result.tools).to.have.length(TOOL_NAMES.length);
    });

    const initialize = {
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "curl", version: "1" } },
    };
    for (const accept of ["*/*", "application/*", "application/json", "text/html, */*;q=0.8", "", undefined]) {
      it(`serves a client that accepts ${accept ?? "whatever comes"}`, async () => {
        const { statusCode, headers, body } = await send({ body: initialize, headers: { accept } });
        expect(statusCode).to.equal(200);
        expect(headers["content-type"]).to.match(/^application\/json/);
        expect(JSON.parse(body)).to.have.nested.property("result.serverInfo.name", "slack-fanout");
      });
    }

    it("answers 406 to a client that does not accept JSON", async () => {
      expect((await send({ body: initialize, headers: { accept: "text/html" } })).statusCode).to.equal(406);
    });

    it("takes a content type in any spelling, and header names in any case", async () => {
      const headers = { "content-type": undefined, accept: undefined, "Content-Type": 'Application/JSON; Charset="UTF-8"', ACCEPT: "*/*" };
      expect((await send({ headers })).statusCode).to.equal(200);
    });

    for (const params of [{ name: "read_words", arguments: null }, { name: "read_words" }]) {
      it(`calls a tool with ${JSON.stringify(params)} as if it had no arguments`, async () => {
        const { statusCode, body } = await send({ body: { jsonrpc: "2.0", id: 1, method: "tools/call", params } });
        expect(statusCode).to.equal(200);
        expect(JSON.parse(body)).to.have.nested.property("result.structuredContent.words");
      });
    }

    it("lists the tools for a request whose params are null", async () => {
      const { body } = await send({ body: { jsonrpc: "2.0", id: 1, method: "tools/list", params: null } });
      expect(JSON.parse(body).result.tools).to.have.length(TOOL_NAMES.length);
    });

    it("refuses pages of other sites", async () => {
      const origins = ["https://evil.example", "null", "http://localhost:6274"];
      const answers = await Promise.all(origins.map(origin => send({ headers: { origin } })));
      expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal([403, 403, 200]);
    });

    it("never opens a stream", async () => {
      const params = {
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
          "io.modelcontextprotocol/clientCapabilities": {},
        },
        notifications: { toolsListChanged: true },
      };
      const { body } = await send({
        body: { jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params },
        headers: { "mcp-protocol-version": "2026-07-28", "mcp-method": "subscriptions/listen" },
      });
      expect(JSON.parse(body)).to.have.property("error");
    });
  });
});
