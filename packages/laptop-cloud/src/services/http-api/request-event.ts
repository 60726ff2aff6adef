import type { IncomingHttpHeaders } from "node:http";
import { decodePath } from "./routing";

/** An incoming request. */
interface GatewayRequest {
  method: string;
  /** Below the API's mount, still encoded; a named stage's name included. */
  path: string;
  /** The path without a named stage. */
  routePath: string;
  /** Without the question mark. */
  query: string;
  headers: IncomingHttpHeaders;
  /** Names and values in turn, as the client sent them. */
  rawHeaders: string[];
  /** The HTTP version, "1.1". */
  httpVersion: string;
  sourceIp: string;
  body: Buffer;
  requestId: string;
  /** `Root=1-...`, for the function. */
  traceHeader: string;
  atMs: number;
}

interface RouteContext {
  accountId: string;
  apiId: string;
  stage: string;
  stageVariables?: Record<string, string>;
  routeKey: string;
  /** The route's path with its variables, "/pets/{id}". */
  path: string;
  parameters: Record<string, string>;
  /** Only REST APIs have these three. */
  resourceId?: string;
  operationName?: string;
  deploymentId?: string;
}

/**
 * Builds the event of payload format 2.0.
 *
 * Behaves as "Create AWS Lambda proxy integrations for HTTP APIs" (API Gateway developer guide); differs: `domainName` is this
 * machine's host and port, and there is no `authorizer` and no `authentication`.
 */
const buildRequestEvent = (request: GatewayRequest, route: RouteContext) => {
  const { cookie, ...headers } = request.headers;
  const cookies = cookie?.split(/; */).filter(part => part !== "");
  const query = [...new URLSearchParams(request.query)];
  const path = decodePath(request.path);
  const host = headers.host ?? "";
  const asText = isText(headers["content-type"], headers["content-encoding"]);
  return {
    version: "2.0",
    routeKey: route.routeKey,
    rawPath: path,
    rawQueryString: request.query,
    ...(cookies === undefined ? {} : { cookies }),
    headers: { ...joined(headers), ...forwarded(request, host) },
    ...(query.length === 0 ? {} : { queryStringParameters: joinedByName(query) }),
    requestContext: {
      accountId: route.accountId,
      apiId: route.apiId,
      domainName: host,
      domainPrefix: route.apiId,
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: request.requestId,
      routeKey: route.routeKey,
      stage: route.stage,
      time: commonLogTime(request.atMs),
      timeEpoch: request.atMs,
    },
    ...(Object.keys(route.parameters).length === 0 ? {} : { pathParameters: route.parameters }),
    ...(route.stageVariables === undefined ? {} : { stageVariables: route.stageVariables }),
    ...(request.body.length === 0 ? {} : { body: request.body.toString(asText ? "utf8" : "base64") }),
    isBase64Encoded: request.body.length > 0 && !asText,
  };
};

const textTypes = new Set(["application/json", "application/javascript", "application/xml", "application/vnd.api+json"]);

/** Whether a body is passed as text. Everything else is base64-encoded, including forms and compressed bodies. */
const isText = (contentType: string | undefined, contentEncoding: string | undefined): boolean => {
  if (contentEncoding !== undefined) return false;
  const type = (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
  return type.startsWith("text/") || textTypes.has(type);
};

/** Header names are already in lower case. */
const joined = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ""].flat().join(",")]));

const forwarded = (request: GatewayRequest, host: string) => ({
  "x-forwarded-for": [request.headers["x-forwarded-for"], request.sourceIp].flat().filter(Boolean).join(", "),
  "x-forwarded-port": host.split(":")[1] ?? "80",
  "x-forwarded-proto": "http",
  "x-amzn-trace-id": request.traceHeader,
});

const joinedByName = (pairs: [string, string][]): Record<string, string> => {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) values.set(name, values.has(name) ? `${values.get(name)},${value}` : value);
  return Object.fromEntries(values);
};

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "22/Nov/2026:12:00:00 +0000". */
const commonLogTime = (atMs: number): string => {
  const [year, month, day, time] = new Date(atMs).toISOString().split(/[-T.]/) as [string, string, string, string];
  return `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`;
};

export type { GatewayRequest, RouteContext };
export { buildRequestEvent, commonLogTime };
