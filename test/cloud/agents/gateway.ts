import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { WeatherReport } from "@slack-fanout/laptop-cloud/kernel/weather";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { LIMITS } from "#core/agent/model-file";
import { TOOL_NAMES } from "#core/agent/tools";
import { type LaptopProcess, postOf } from "../laptop-process";
import { findMcpTools, type McpTools } from "./mcp-tools";

/** As Pulumi.local.yaml has it. */
const TOKEN = "local-agent-token";
const AUTHORIZATION = `Bearer ${TOKEN}`;
/** The scenarios about tools without sessions. The others need special tools, or streams. */
const SCENARIOS = ["server-initialize", "ping", "tools-list", "dns-rebinding-protection"];

/** The laptop's report on roles: how often each grant was used, and what was refused. */
interface Permissions {
  grants: { role: string; action: string; resource: string; used: number }[];
  denials: unknown[];
}

interface Call {
  function: string | null;
  operation: string;
}

/** Passes requests on with the token added: the conformance package can't send one. */
const startProxy = async (target: string): Promise<{ server: Server; url: string }> => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host = "", connection, "content-length": length, "transfer-encoding": encoding, ...kept } = request.headers;
    // The proxy's own origin becomes the laptop's. Any other origin stays.
    if (kept.origin === `http://${host}` && /^(?:localhost|127\.0\.0\.1):/.test(host)) kept.origin = new URL(target).origin;
    const answer = await fetch(target, {
      method: request.method ?? "GET",
      headers: { ...(kept as Record<string, string>), authorization: AUTHORIZATION },
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" }).end(await answer.text());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` };
};

/** The gateway as MCP's own client and tools see it. */
const describeGateway = (laptop: LaptopProcess) =>
  describe("mcp", () => {
    let url: string;
    let tools: McpTools | undefined;
    before(() => {
      tools = findMcpTools();
      url = laptop.endpoints.outputs["mcpUrl"];
    });

    const connect = async (mode: "auto" | "legacy") => {
      const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
      await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: AUTHORIZATION } } }));
      return client;
    };

    for (const mode of ["auto", "legacy"] as const) {
      it(`serves the official client (${mode})`, async () => {
        const client = await connect(mode);
        expect((await client.listTools()).tools.map(({ name }) => name)).to.deep.equal(TOOL_NAMES);
        const { structuredContent } = await client.callTool({ name: "read_words", arguments: { limit: 3 } });
        expect(structuredContent).to.have.property("words").that.is.an("array");
        await client.close();
      });
    }

    it("makes one card on the pretend Trello for repeated calls", async () => {
      const client = await connect("auto");
      const call = { name: "create_trello_card", arguments: { name: "Fix it", idempotencyKey: randomUUID() } };
      const { structuredContent } = await client.callTool(call);
      expect(structuredContent).to.include.keys("cardId", "url");
      expect((await client.callTool(call)).structuredContent).to.deep.equal(structuredContent);
      await client.close();
    });

    it("has grants for what its tools do, and no others", async () => {
      const client = await connect("auto");
      const call = async (name: string, args: Record<string, unknown>) => {
        const { structuredContent, content } = await client.callTool({ name, arguments: args });
        return (structuredContent ?? content) as Record<string, unknown>;
      };
      // `#often` is said four times, because the index has each day's words only if they were said more than three times.
      await fetch(`${laptop.endpoints.slack}/say`, postOf({ user: "U0001", channel: "C0001", text: "#often #often #often #often" }));
      await laptop.settles(async () => expect(JSON.stringify(await call("read_words", { kind: "annotation" }))).to.include("#often"));
      await call("read_words", { kind: "annotation", day: new Date(await laptop.nowMs()).toISOString().slice(0, 10) });
      await call("read_words", { task: "nobody knows" });
      await call("find_files", { tag: "#receipt" });
      await call("create_trello_card", { name: "Used", idempotencyKey: randomUUID() });
      await call("update_message", { channel: "C0001", ts: "1.000001", text: "nobody's" });
      /** Says something, and waits until the function has made so many more calls of the operation. */
      const say = async (text: string, { function: name, operation, count }: Call & { count: number }) => {
        const countCalls = async () =>
          ((await laptop.control("calls")) as Call[]).filter(each => each.function === name && each.operation === operation).length;
        const earlier = await countCalls();
        await fetch(`${laptop.endpoints.slack}/say`, postOf({ user: "U0001", channel: "C0001", text }));
        await eventually(async () => (await countCalls()) >= earlier + count);
      };
      // The next task's card is changed by `report_progress`. Slack sends a mention as two events, and the queue has a message for each.
      // When the worker deletes the second one, the task has ended.
      await say("<@UBOT01> post hello", { function: "agent", operation: "DeleteMessage", count: 2 });
      const resource = `staging-${randomUUID()}`;
      const { claimId } = await call("claim_dibs", { resource, for: "30 minutes" });
      // A person who waits behind an agent is notified when the agent's turn ends.
      await say(`/dibs on ${resource}`, { function: "commands", operation: "UpdateItem", count: 1 });
      expect(await call("release_dibs", { resource, claimId })).to.deep.equal({ released: true });
      await client.close();

      const { grants, denials } = (await laptop.control("permissions")) as Permissions;
      const ofGateway = grants.filter(({ role }) => role === "gateway");
      expect(ofGateway).to.not.deep.equal([]);
      expect(ofGateway.filter(({ used }) => used === 0).map(({ action, resource }) => `${action} ${resource}`)).to.deep.equal([]);
      expect(denials).to.deep.equal([]);
    });

    it("reads the largest file of a task's thread, and none of another thread", async () => {
      const bytes = Buffer.alloc(LIMITS.document.bytes, "x");
      const share = async (text: string, base64: string) => {
        const files = [{ name: "notes.txt", mimetype: "text/plain", base64 }];
        const response = await fetch(`${laptop.endpoints.slack}/say`, postOf({ user: "U0001", channel: "D0001", text, files }));
        return `T0001-D0001-${((await response.json()) as { ts: string }).ts}`;
      };
      const [task, other] = [await share("sleep 1h", bytes.toString("base64")), await share("sleep 1h", "aGVsbG8=")];
      const client = await connect("auto");
      try {
        const findFile = async (asked: string) => {
          const { structuredContent } = await client.callTool({ name: "read_conversation", arguments: { task: asked } });
          return ((structuredContent as { files?: { id: string }[] } | undefined)?.files ?? [])[0]?.id;
        };
        const file = await eventually(() => findFile(task));
        const { content, structuredContent } = await client.callTool({ name: "read_file", arguments: { task, file } });
        expect(structuredContent).to.deep.include({ name: "notes.txt", kind: "document", format: "txt" });
        const [, part] = content;
        expect(part?.type === "resource" && "blob" in part.resource && Buffer.from(part.resource.blob, "base64").equals(bytes)).to.equal(
          true,
        );

        const refused = await client.callTool({ name: "read_file", arguments: { task, file: await eventually(() => findFile(other)) } });
        expect(refused).to.deep.include({ isError: true });
        expect(JSON.stringify(refused.content)).to.include("file: it was not shared in the task's thread");
      } finally {
        await client.close();
        for (const each of [task, other]) {
          const [, channel, threadTs] = each.split("-");
          await fetch(`${laptop.endpoints.slack}/stop`, postOf({ user: "U0001", channel, threadTs }));
        }
      }
    });

    it("refuses requests without a token, and all methods but POST", async () => {
      const post = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
      expect((await fetch(url, post)).status).to.equal(401);
      expect((await fetch(url)).status).to.equal(405);
      expect((await fetch(url, { method: "DELETE" })).status).to.equal(405);
    });

    it("posts once, even if the gateway dies before or after any of its AWS calls", async () => {
      /** Sends one request. The status shows whether the function survived to answer it. */
      const post = async (text: string) => {
        const params = { name: "post_to_slack", arguments: { text, channel: "C0001", idempotencyKey: text } };
        const response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json, text/event-stream", authorization: AUTHORIZATION },
          body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
        });
        return { status: response.status, body: await response.text() };
      };
      const countPosted = async (text: string) => {
        const history = await fetch(`${laptop.endpoints.slack}/api/conversations.history?channel=C0001&limit=200`, {
          headers: { authorization: "Bearer xoxb-local-bot-token" },
        });
        const { messages } = (await history.json()) as { messages: { text: string }[] };
        return messages.filter(message => message.text === text).length;
      };
      let deaths = 0;
      for (const when of ["before", "after"]) {
        for (let call = 1; ; ) {
          const text = `${when} call ${call} of ${randomUUID()}`;
          await laptop.control("weather", { kill: { function: "gateway", call, when } });
          const { status: first } = await post(text);
          const { kill: left } = (await laptop.control("weather")) as WeatherReport;
          await laptop.control("weather", {});
          if (left === null && first !== 200) {
            deaths += 1;
            // A claim that nobody settled expires after 40 s.
            await laptop.advance(41);
          }
          const { status, body } = await post(text);
          expect(status, `${text}: ${body}`).to.equal(200);
          expect(await countPosted(text), text).to.equal(1);
          // The kill is left over, so the request makes fewer calls, and all of them have been killed.
          if (left !== null) break;
          // Otherwise the kill hit a request of an agent that still ends its task.
          if (first !== 200) call += 1;
        }
      }
      // The gateway died before and after it wrote the claim, the receipt and the audit's row.
      expect(deaths).to.equal(6);
    });

    /** A test by MCP's own tools. If they are not installed, the test is pending, and `findMcpTools` prints why, or fails in CI. */
    const withTools = (title: string, test: (found: McpTools) => Promise<void>) =>
      it(title, async function () {
        if (tools === undefined) return this.skip();
        await test(tools);
      });

    withTools("is listed and called by MCP's Inspector", async ({ inspect }) => {
      const place = [url, "--transport", "http", "--header", `Authorization: ${AUTHORIZATION}`];
      const listed = await inspect(...place, "--method", "tools/list");
      expect(listed.code, listed.output).to.equal(0);
      expect(JSON.parse(listed.output).tools.map(({ name }: { name: string }) => name)).to.deep.equal(TOOL_NAMES);
      const called = await inspect(...place, "--method", "tools/call", "--tool-name", "read_words", "--tool-arg", "limit=3");
      expect(called.code, called.output).to.equal(0);
      expect(JSON.parse(called.output).structuredContent.words).to.be.an("array");
    });

    withTools("passes MCP's conformance scenarios", async ({ judge }) => {
      const proxy = await startProxy(url);
      try {
        for (const scenario of SCENARIOS) {
          const { code, output } = await judge("--url", proxy.url, "--scenario", scenario);
          expect(code, output).to.equal(0);
          expect(output).to.match(/Passed: ([1-9][0-9]*)\/\1, 0 failed/);
        }
      } finally {
        proxy.server.closeAllConnections();
        proxy.server.close();
      }
    });
  });

export { describeGateway };
