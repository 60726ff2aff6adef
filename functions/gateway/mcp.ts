/** MCP's Streamable HTTP without sessions: each request gets its own server and one JSON answer. Supports old and new protocol revisions. */
import {
  type CallToolResult,
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
import { isTypeAccepted } from "#core/http/accept";
import { isJsonObject } from "#core/json";
import { buildQuote } from "#core/quote";
import type { HttpRequest, HttpResponse } from "#functions/door";
import type { Answer, Toolbox } from "#functions/gateway/toolbox";

const INFO = { name: "slack-fanout", version: "1.0.0" };
/** A `Request` needs an address, but nothing reads it. */
const ADDRESS = "https://gateway.invalid/mcp";
/** MCP requires a URI for each resource. */
const FILE_ADDRESS = "https://gateway.invalid/file";
const JSON_TYPE = "application/json";
/** Headers of the connection or of an encoding that API Gateway has removed. */
const DROPPED_HEADERS = new Set(["connection", "content-length", "host", "transfer-encoding"]);

class McpEndpoint {
  constructor(private readonly toolbox: Pick<Toolbox, "names" | "call">) {}

  /** Answers one request, whose size and content type have been checked. Throws a tool's temporary failure, so that the caller retries. */
  async answer(request: HttpRequest, rawBody: Buffer, requestedAtMs?: number): Promise<HttpResponse> {
    const failures: unknown[] = [];
    const response = await this.serve(buildRequest(request, rawBody), () => this.createServer(failures, requestedAtMs));
    if (failures.length > 0) throw failures[0];
    return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  }

  private async serve(request: Request, createServer: () => Server): Promise<Response> {
    // The protocol requires this check. Agents are not web pages; among browsers, only the developer's own Inspector may call.
    const refused = originValidationResponse(request, localhostAllowedOrigins());
    if (refused !== undefined) return refused;
    if (!(await isLegacyRequest(request))) {
      // No subscriptions: their streams would occupy the function until its timeout.
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
      if (!isToolName(name)) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${buildQuote(name)}.`);
      try {
        return buildResult(await this.toolbox.call(name, params.arguments, requestedAtMs));
      } catch (error) {
        // The door answers that the call may be repeated.
        failures.push(error);
        throw new ProtocolError(ProtocolErrorCode.InternalError, "The call was not finished.");
      }
    });
    return server;
  }
}

const buildResult = (answer: Answer): CallToolResult => {
  if ("refusal" in answer) return { isError: true, content: [{ type: "text", text: answer.refusal }] };
  const { result, bytes } = answer;
  // The result doesn't repeat the bytes: the largest file has 6 MB in Base64, and a Lambda's answer at most 6 MB.
  const content =
    bytes === undefined ? [] : [{ type: "resource" as const, resource: { uri: FILE_ADDRESS, blob: bytes.toString("base64") } }];
  return { content: [{ type: "text", text: JSON.stringify(result) }, ...content], structuredContent: result };
};

/** The SDK requires both types in `Accept`. HTTP also allows wildcards, weights, or no header at all. */
const buildRequest = (request: HttpRequest, rawBody: Buffer): Request => {
  const kept = Object.entries(request.headers ?? {}).filter(
    (header): header is [string, string] => header[1] !== undefined && !DROPPED_HEADERS.has(header[0].toLowerCase()),
  );
  const headers = new Headers(kept);
  // The door has already checked the content type, in any spelling.
  headers.set("content-type", JSON_TYPE);
  if (isTypeAccepted(JSON_TYPE, headers.get("accept") ?? undefined)) headers.set("accept", `${JSON_TYPE}, text/event-stream`);
  return new Request(ADDRESS, { method: "POST", headers, body: new Uint8Array(dropNullArguments(rawBody)) });
};

/** Many clients send `"arguments": null` or `"params": null` if there are none. */
const dropNullArguments = (rawBody: Buffer): Buffer => {
  const message = parseJson(rawBody);
  if (!isJsonObject(message)) return rawBody;
  const { params, ...rest } = message;
  if (params === null) return Buffer.from(JSON.stringify(rest));
  if (!isJsonObject(params) || params["arguments"] !== null) return rawBody;
  return Buffer.from(JSON.stringify({ ...rest, params: { ...params, arguments: {} } }));
};

/** Undefined if the body is not JSON, so that the SDK answers with the protocol's own error. */
const parseJson = (rawBody: Buffer): unknown => {
  try {
    return JSON.parse(rawBody.toString("utf8"));
  } catch {
    return undefined;
  }
};

export { McpEndpoint };
