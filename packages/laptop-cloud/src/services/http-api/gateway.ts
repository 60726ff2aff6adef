import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../../kernel/aws-error";
import { HttpError, readBody } from "../../kernel/http";
import type { Cloud } from "../../kernel/service";
import { createTraceRoot, parseTraceHeader } from "../../kernel/trace";
import type { Api, Integration, Stage } from "./api";
import { type HttpAnswer, MalformedResponse, parseFunctionResponse } from "./function-response";
import { buildRequestEvent, type GatewayRequest } from "./request-event";
import { findRoute, type RouteMatch } from "./routing";

/** API Gateway quotas: the payload of an HTTP API is at most 10 MB. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** The gateway's own answers. */
const refusals = {
  400: "Bad Request",
  404: "Not Found",
  413: "Request Entity Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

/** A response of the gateway itself: its status, and the reason for the cloud's log. */
class Refusal extends Error {
  override name = "Refusal";

  constructor(
    readonly status: keyof typeof refusals,
    readonly why?: string,
  ) {
    super(refusals[status]);
  }
}

/** One HTTP API, served under its mount. */
class Gateway {
  constructor(
    private readonly cloud: Cloud,
    private readonly api: Api,
  ) {}

  async handle(incoming: IncomingMessage, response: ServerResponse) {
    const startedMs = performance.now();
    const trace = parseTraceHeader(incoming.headers["x-amzn-trace-id"]?.toString()).root ?? createTraceRoot(this.cloud.clock.nowMs());
    const requestId = createRequestId();
    const found: { match?: RouteMatch<Integration> } = {};
    const answer = await this.#answer(incoming, requestId, trace, found).catch((error: unknown) =>
      refuse(error, `${incoming.method} ${incoming.url}`),
    );

    write(response, answer, incoming.method ?? "GET", requestId);
    this.cloud.occurrences.record({
      atMs: this.cloud.clock.nowMs(),
      kind: "http",
      trace,
      from: this.cloud.senderOf(incoming.headers["user-agent"]) ?? "internet",
      to: found.match?.route.target.functionName,
      detail: {
        apiId: this.api.id,
        method: incoming.method,
        path: pathOf(incoming),
        route: found.match?.route.key,
        status: answer.status,
        ms: Math.round(performance.now() - startedMs),
        requestId,
      },
    });
  }

  /** Throws `Refusal`, and `HttpError` for a body that is too large. `found.match` is the route, as soon as it is known. */
  async #answer(incoming: IncomingMessage, requestId: string, trace: string, found: { match?: RouteMatch<Integration> }) {
    const path = pathOf(incoming).slice(this.api.mount.length) || "/";
    const { stage, routePath } = this.#findStage(path);
    found.match = findRoute(this.api.routes, incoming.method ?? "GET", routePath);
    if (found.match === undefined) throw new Refusal(404);
    if (!stage.admit(found.match.route.key)) throw new Refusal(429);

    const request: GatewayRequest = {
      method: incoming.method ?? "GET",
      path,
      query: (incoming.url ?? "").split("?").slice(1).join("?"),
      headers: incoming.headers,
      httpVersion: incoming.httpVersion,
      sourceIp: incoming.socket.remoteAddress ?? "127.0.0.1",
      body: await readBody(incoming, MAX_BODY_BYTES),
      requestId,
      traceHeader: `Root=${trace}`,
      atMs: this.cloud.clock.nowMs(),
    };
    return this.#invoke(request, stage, found.match, trace);
  }

  /** A named stage is the first segment of the path; everything else belongs to `$default`. Throws `Refusal`. */
  #findStage(path: string): { stage: Stage; routePath: string } {
    const first = path.split("/")[1];
    const named = this.api.stages.find(({ name }) => name === first);
    if (named !== undefined) return { stage: named, routePath: path.slice(named.name.length + 1) || "/" };
    const stage = this.api.stages.find(({ name }) => name === "$default");
    if (stage === undefined) throw new Refusal(404);
    return { stage, routePath: path };
  }

  async #invoke(request: GatewayRequest, stage: Stage, { route, parameters }: RouteMatch<Integration>, trace: string): Promise<HttpAnswer> {
    const event = buildRequestEvent(request, {
      accountId: this.cloud.place.account,
      apiId: this.api.id,
      stage: stage.name,
      stageVariables: stage.variables,
      routeKey: route.key,
      parameters,
    });
    const place = route.key === "$default" ? "$default" : `${request.method}${route.path}`;
    const caller = {
      kind: "service",
      principal: "apigateway.amazonaws.com",
      sourceArn: `${this.api.executionArn}/${stage.name}/${place}`,
      trace,
    } as const;
    const input = { FunctionName: route.target.functionArn, InvocationType: "RequestResponse", Payload: JSON.stringify(event) };
    const output = await within(route.target.timeoutMs, this.cloud.call("lambda", "Invoke", input, caller));
    if (output.FunctionError !== undefined) throw new Refusal(500);
    return parseFunctionResponse(Buffer.from(output.Payload ?? "").toString("utf8"));
  }
}

/** As on AWS, an invocation that takes longer goes on, but its result is discarded. */
const within = async <T>(limitMs: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Refusal(503)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** The client gets as little detail as on AWS; the cloud's log has the reason. */
const refuse = (error: unknown, asked: string): HttpAnswer => {
  const refusal = toRefusal(error);
  if (refusal.why !== undefined) console.error(`${asked} is answered ${refusal.status}: ${refusal.why}`);
  return {
    status: refusal.status,
    headers: { "content-type": "application/json" },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message: refusal.message })),
  };
};

const toRefusal = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error;
  if (error instanceof HttpError) return new Refusal(413);
  if (error instanceof MalformedResponse) return new Refusal(500, `the function's response can't be read: ${error.message}.`);
  if (error instanceof AwsError) {
    if (error.status === 413) return new Refusal(413);
    return error.status === 429 ? new Refusal(503, error.message) : new Refusal(500, error.message);
  }
  console.error(error);
  return new Refusal(500);
};

const write = (response: ServerResponse, { status, headers, cookies, body }: HttpAnswer, method: string, requestId: string) => {
  response.writeHead(status, {
    ...headers,
    ...(cookies.length === 0 ? {} : { "set-cookie": cookies }),
    // Otherwise the unread rest of the body would be parsed as the connection's next request.
    ...(status === 413 ? { connection: "close" } : {}),
    "content-length": body.length,
    "apigw-requestid": requestId,
  });
  response.end(method === "HEAD" ? undefined : body);
};

const pathOf = (incoming: IncomingMessage) => (incoming.url ?? "/").split("?", 1)[0]!;

/** Sixteen characters that end in "=", as in HTTP APIs. */
const createRequestId = () => randomBytes(11).toString("base64");

export { Gateway };
