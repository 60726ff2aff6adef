/** MCP's Streamable HTTP without sessions: one request, one server, one JSON answer. Old and new revisions of the protocol alike. */
import {
  createMcpHandler,
  isLegacyRequest,
  localhostAllowedOrigins,
  originValidationResponse,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { buildInputSchema, isToolName, TOOLS } from "#core/agent/tools";
import { isTypeAccepted } from "#core/http-accept";
import { isJsonObject } from "#core/json";
import { buildQuote } from "#core/quote";
import type { HttpRequest, HttpResponse } from "#functions/door";
import type { Answer, Toolbox } from "#functions/gateway/toolbox";

const INFO = { name: "slack-fanout", version: "1.0.0" };
/** Nothing of the address is read; a `Request` wants one. */
const ADDRESS = "https://gateway.invalid/mcp";
const JSON_TYPE = "application/json";
/** These are of the connection or the encoding that API Gateway has taken off. */
const DROPPED_HEADERS = new Set(["connection", "content-length", "host", "transfer-encoding"]);

class McpEndpoint {
  constructor(private readonly toolbox: Pick<Toolbox, "names" | "call">) {}

  /** Answers one request, whose body is verified to be JSON of a bearable size. Throws what a tool failed with, for whoever can retry. */
  async answer(request: HttpRequest, rawBody: Buffer, requestedAtMs?: number): Promise<HttpResponse> {
    const failures: unknown[] = [];
    const response = await this.serve(buildRequest(request, rawBody), () => this.createServer(failures, requestedAtMs));
    if (failures.length > 0) throw failures[0];
    return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  }

  private async serve(request: Request, createServer: () => Server): Promise<Response> {
    // The protocol demands it. Agents are no pages: where a browser calls, only the developer's own Inspector is let in.
    const refused = originValidationResponse(request, localhostAllowedOrigins());
    if (refused !== undefined) return refused;
    if (!(await isLegacyRequest(request))) {
      // No subscriptions: their streams would last as long as the function may run.
      return createMcpHandler(createServer, { legacy: "reject", maxSubscriptions: 0 }).fetch(request);
    }
    const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
    const server = createServer();
    await server.connect(transport);
    try {
      return await transport.handleRequest(request);
    } finally {
      await server.close();
    }
  }

  private createServer(failures: unknown[], requestedAtMs: number | undefined): Server {
    const server = new Server(INFO, { capabilities: { tools: {} } });
    server.setRequestHandler("tools/list", () => ({
      tools: this.toolbox.names.map(name => ({ name, description: TOOLS[name].description, inputSchema: buildInputSchema(name) })),
    }));
    server.setRequestHandler("tools/call", async ({ params }) => {
      const { name } = params;
      if (!isToolName(name) || !this.toolbox.names.includes(name))
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${buildQuote(name)}.`);
      try {
        return buildResult(await this.toolbox.call(name, params.arguments, requestedAtMs));
      } catch (error) {
        // The caller is told by the door: the call may be repeated.
        failures.push(error);
        throw new ProtocolError(ProtocolErrorCode.InternalError, "The call was not finished.");
      }
    });
    return server;
  }
}

const buildResult = (answer: Answer) =>
  "refusal" in answer
    ? { isError: true, content: [{ type: "text" as const, text: answer.refusal }] }
    : { content: [{ type: "text" as const, text: JSON.stringify(answer.result) }], structuredContent: answer.result };

/** The SDK wants both types spelled out. HTTP lets a client say the same with a wildcard, with weights, or by leaving the header out. */
const buildRequest = (request: HttpRequest, rawBody: Buffer): Request => {
  const kept = Object.entries(request.headers ?? {}).filter(
    (header): header is [string, string] => header[1] !== undefined && !DROPPED_HEADERS.has(header[0].toLowerCase()),
  );
  const headers = new Headers(kept);
  // The door has checked the content type already, in any spelling.
  headers.set("content-type", JSON_TYPE);
  if (isTypeAccepted(JSON_TYPE, headers.get("accept") ?? undefined)) headers.set("accept", `${JSON_TYPE}, text/event-stream`);
  return new Request(ADDRESS, { method: "POST", headers, body: new Uint8Array(dropNullArguments(rawBody)) });
};

/** Many clients write `"arguments": null` for a tool that takes none, and `"params": null` for a method that takes none. */
const dropNullArguments = (rawBody: Buffer): Buffer => {
  const message = parseJson(rawBody);
  if (!isJsonObject(message)) return rawBody;
  const { params, ...rest } = message;
  if (params === null) return Buffer.from(JSON.stringify(rest));
  if (!isJsonObject(params) || params["arguments"] !== null) return rawBody;
  return Buffer.from(JSON.stringify({ ...rest, params: { ...params, arguments: {} } }));
};

/** Undefined for what is no JSON: the SDK says so in the protocol's own words. */
const parseJson = (rawBody: Buffer): unknown => {
  try {
    return JSON.parse(rawBody.toString("utf8"));
  } catch {
    return undefined;
  }
};

export { McpEndpoint };
