import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../../kernel/aws-error";
import { HttpError, readBody } from "../../kernel/http";
import type { Cloud } from "../../kernel/service";
import { createTraceRoot, parseTraceHeader } from "../../kernel/trace";
import type { Api, FunctionIntegration, Integration, Stage } from "./api";
import type { Dialect, Reason } from "./dialect";
import { type HttpAnswer, MalformedResponse } from "./function-response";
import type { GatewayRequest } from "./request-event";
import { findRoute, type RouteMatch } from "./routing";
import type { RequestEvent, ServiceIntegration } from "./service-integration";

/** API Gateway quotas: the payload of an HTTP API or a REST API is at most 10 MB. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** A response of the gateway itself: its reason, and the explanation for the cloud's log. */
class Refusal extends Error {
  override name = "Refusal";

  constructor(
    readonly reason: Reason,
    readonly why?: string,
  ) {
    super(reason);
  }
}

/** One HTTP API or REST API, served under its mount. */
class Gateway {
  constructor(
    private readonly cloud: Cloud,
    private readonly api: Api,
  ) {}

  async handle(incoming: IncomingMessage, response: ServerResponse) {
    const startedMs = performance.now();
    const trace = parseTraceHeader(incoming.headers["x-amzn-trace-id"]?.toString()).root ?? createTraceRoot(this.cloud.clock.nowMs());
    const requestId = this.api.dialect.createRequestId();
    const found: { match?: RouteMatch<Integration> } = {};
    const answer = await this.#answer(incoming, requestId, trace, found).catch((error: unknown) =>
      refuse(error, this.api.dialect, `${incoming.method} ${incoming.url}`),
    );

    write(response, answer, incoming.method ?? "GET", { [this.api.dialect.requestIdHeader]: requestId });
    this.cloud.occurrences.record({
      atMs: this.cloud.clock.nowMs(),
      kind: "http",
      trace,
      from: this.cloud.senderOf(incoming.headers["user-agent"]) ?? "internet",
      to: found.match?.route.target.kind === "function" ? found.match.route.target.functionName : undefined,
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
    if (found.match === undefined) throw new Refusal("noRoute");
    if (!stage.admit(found.match.route.key)) throw new Refusal("throttled");

    const request: GatewayRequest = {
      method: incoming.method ?? "GET",
      path,
      routePath,
      query: (incoming.url ?? "").split("?").slice(1).join("?"),
      headers: incoming.headers,
      rawHeaders: incoming.rawHeaders,
      httpVersion: incoming.httpVersion,
      sourceIp: incoming.socket.remoteAddress ?? "127.0.0.1",
      body: await readBody(incoming, MAX_BODY_BYTES),
      requestId,
      traceHeader: `Root=${trace}`,
      atMs: this.cloud.clock.nowMs(),
    };
    const { target } = found.match.route;
    switch (target.kind) {
      case "mock":
        return target.answer();
      case "service":
        return this.#callService(this.#buildEvent(request, stage, found.match), target);
      case "function":
        return this.#invoke(request, stage, found.match, target);
    }
  }

  /** A named stage is the first segment of the path; everything else belongs to `$default`. Throws `Refusal`. */
  #findStage(path: string): { stage: Stage; routePath: string } {
    const first = path.split("/")[1];
    const named = this.api.stages.find(({ name }) => name === first);
    if (named !== undefined) return { stage: named, routePath: path.slice(named.name.length + 1) || "/" };
    const stage = this.api.stages.find(({ name }) => name === "$default");
    if (stage === undefined) throw new Refusal("noStage");
    return { stage, routePath: path };
  }

  #buildEvent(request: GatewayRequest, stage: Stage, { route, parameters }: RouteMatch<Integration>): object {
    return this.api.dialect.buildEvent(request, {
      accountId: this.cloud.place.account,
      apiId: this.api.id,
      stage: stage.name,
      stageVariables: stage.variables,
      routeKey: route.key,
      path: route.path,
      parameters,
      resourceId: route.target.resourceId,
      operationName: route.target.operationName,
      deploymentId: stage.deploymentId,
    });
  }

  /** Differs: an error of the service is answered 500. */
  async #callService(event: object, { service, operation, roleArn, buildInput }: ServiceIntegration): Promise<HttpAnswer> {
    const { requestContext, headers } = event as RequestEvent;
    const caller = {
      kind: "role",
      roleArn,
      principal: "apigateway.amazonaws.com",
      sourceArn: `${this.api.executionArn}/${requestContext.stage}/${requestContext.routeKey}`,
      trace: parseTraceHeader(headers["x-amzn-trace-id"]).root,
    } as const;
    const output = await this.cloud.call(service, operation, buildInput(event as RequestEvent), caller);
    return { status: 200, headers: { "content-type": "application/json" }, cookies: [], body: Buffer.from(JSON.stringify(output)) };
  }

  async #invoke(
    request: GatewayRequest,
    stage: Stage,
    match: RouteMatch<Integration>,
    { functionArn, timeoutMs }: FunctionIntegration,
  ): Promise<HttpAnswer> {
    const { dialect, executionArn } = this.api;
    const { route } = match;
    const event = this.#buildEvent(request, stage, match);
    const place = route.key === "$default" ? "$default" : `${request.method}${route.path}`;
    const caller = {
      kind: "service",
      principal: "apigateway.amazonaws.com",
      sourceArn: `${executionArn}/${stage.name}/${place}`,
      trace: parseTraceHeader(request.traceHeader).root,
    } as const;
    const input = { FunctionName: functionArn, InvocationType: "RequestResponse", Payload: JSON.stringify(event) };
    const output = await within(timeoutMs, this.cloud.call("lambda", "Invoke", input, caller));
    if (output.FunctionError !== undefined) throw new Refusal("failed");
    return dialect.parseResponse(Buffer.from(output.Payload ?? "").toString("utf8"), request);
  }
}

/** As on AWS, an invocation that takes longer goes on, but its result is discarded. */
const within = async <T>(limitMs: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Refusal("late")), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** The client gets as little detail as on AWS; the cloud's log has the reason. */
const refuse = (error: unknown, { refusals }: Dialect, asked: string): HttpAnswer => {
  const { reason, why } = toRefusal(error);
  const { status, message } = refusals[reason];
  if (why !== undefined) console.error(`${asked} is answered ${status}: ${why}`);
  return { status, headers: { "content-type": "application/json" }, cookies: [], body: Buffer.from(JSON.stringify({ message })) };
};

const toRefusal = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error;
  if (error instanceof HttpError) return new Refusal("tooLarge");
  if (error instanceof MalformedResponse) return new Refusal("malformed", `the function's response can't be read: ${error.message}.`);
  if (error instanceof AwsError) {
    if (error.status === 413) return new Refusal("tooLarge");
    return new Refusal(error.status === 429 ? "busy" : "denied", error.message);
  }
  console.error(error);
  return new Refusal("denied");
};

const write = (
  response: ServerResponse,
  { status, headers, cookies, body }: HttpAnswer,
  method: string,
  requestIdHeader: Record<string, string>,
) => {
  response.writeHead(status, {
    ...headers,
    ...(cookies.length === 0 ? {} : { "set-cookie": cookies }),
    // Otherwise the unread rest of the body would be parsed as the connection's next request.
    ...(status === 413 ? { connection: "close" } : {}),
    "content-length": body.length,
    ...requestIdHeader,
  });
  response.end(method === "HEAD" ? undefined : body);
};

const pathOf = (incoming: IncomingMessage) => (incoming.url ?? "/").split("?", 1)[0]!;

export { Gateway };
