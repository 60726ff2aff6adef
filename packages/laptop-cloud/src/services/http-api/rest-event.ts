import { isBinary } from "./media-type";
import { commonLogTime, type GatewayRequest, type RouteContext } from "./request-event";
import { decodePath } from "./routing";

/** What a laptop knows nothing about: callers with credentials. */
const nobody = {
  cognitoIdentityPoolId: null,
  accountId: null,
  cognitoIdentityId: null,
  caller: null,
  principalOrgId: null,
  accessKey: null,
  cognitoAuthenticationType: null,
  cognitoAuthenticationProvider: null,
  userArn: null,
  user: null,
};

/**
 * Builds the event of payload format 1.0. Of repeated headers and parameters, the single-value fields have the last value.
 *
 * Behaves as "Input format of a Lambda function for proxy integration" (API Gateway developer guide); differs: `domainName` is this
 * machine's host and port, and there is no `authorizer`.
 */
const buildRestEvent = (request: GatewayRequest, route: RouteContext, binaryMediaTypes: readonly string[]) => {
  const headers = groupByName([...pairsOf(request.rawHeaders), ...forwardedPairs(request)]);
  const query = groupByName([...new URLSearchParams(request.query)]);
  const isBase64Encoded = request.body.length > 0 && isBinary(request.headers["content-type"], binaryMediaTypes);
  return {
    resource: route.path,
    path: decodePath(request.routePath),
    httpMethod: request.method,
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    queryStringParameters: orNull(lastOfEach(query)),
    multiValueQueryStringParameters: orNull(query),
    pathParameters: orNull(route.parameters),
    stageVariables: route.stageVariables ?? null,
    requestContext: buildContext(request, route),
    body: request.body.length === 0 ? null : request.body.toString(isBase64Encoded ? "base64" : "utf8"),
    isBase64Encoded,
  };
};

const buildContext = (request: GatewayRequest, route: RouteContext) => ({
  resourceId: route.resourceId,
  resourcePath: route.path,
  operationName: route.operationName,
  httpMethod: request.method,
  extendedRequestId: request.requestId,
  requestTime: commonLogTime(request.atMs),
  path: decodePath(request.path),
  accountId: route.accountId,
  protocol: `HTTP/${request.httpVersion}`,
  stage: route.stage,
  domainPrefix: route.apiId,
  requestTimeEpoch: request.atMs,
  requestId: request.requestId,
  identity: { ...nobody, sourceIp: request.sourceIp, userAgent: request.headers["user-agent"] ?? null },
  domainName: request.headers.host ?? "",
  deploymentId: route.deploymentId,
  apiId: route.apiId,
});

/** Node's list of names and values; REST APIs keep the names as the client wrote them. */
const pairsOf = (rawHeaders: string[]): [string, string][] =>
  rawHeaders.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, rawHeaders[index + 1]!]] : []));

const forwardedPairs = ({ headers, sourceIp, traceHeader }: GatewayRequest): [string, string][] => [
  ["X-Amzn-Trace-Id", traceHeader],
  ["X-Forwarded-For", [headers["x-forwarded-for"], sourceIp].flat().filter(Boolean).join(", ")],
  ["X-Forwarded-Port", headers.host?.split(":")[1] ?? "80"],
  ["X-Forwarded-Proto", "http"],
];

const groupByName = (pairs: [string, string][]): Record<string, string[]> => {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value]);
  return Object.fromEntries(groups);
};

const lastOfEach = (groups: Record<string, string[]>): Record<string, string> =>
  Object.fromEntries(Object.entries(groups).map(([name, values]) => [name, values.at(-1)!]));

const orNull = <T extends object>(value: T): T | null => (Object.keys(value).length === 0 ? null : value);

export { buildRestEvent };
