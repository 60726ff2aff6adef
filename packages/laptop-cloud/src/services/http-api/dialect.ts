import { randomBytes } from "node:crypto";
import { type HttpAnswer, parseFunctionResponse } from "./function-response";
import { buildRequestEvent, type GatewayRequest, type RouteContext } from "./request-event";

/** Why the gateway itself answers a request. */
type Reason = "noStage" | "noRoute" | "tooLarge" | "throttled" | "failed" | "malformed" | "late" | "busy" | "denied";

interface RefusalAnswer {
  status: number;
  message: string;
}

/** The differences between HTTP APIs and REST APIs. */
interface Dialect {
  requestIdHeader: string;
  createRequestId(): string;
  buildEvent(request: GatewayRequest, route: RouteContext): object;
  /** Throws `MalformedResponse`. */
  parseResponse(payload: string, request: GatewayRequest): HttpAnswer;
  refusals: Record<Reason, RefusalAnswer>;
}

const notFound = { status: 404, message: "Not Found" };
const internal = { status: 500, message: "Internal Server Error" };
const unavailable = { status: 503, message: "Service Unavailable" };

/** HTTP APIs: payload format 2.0. */
const httpDialect: Dialect = {
  requestIdHeader: "apigw-requestid",
  // Sixteen characters that end in "=".
  createRequestId: () => randomBytes(11).toString("base64"),
  buildEvent: buildRequestEvent,
  parseResponse: parseFunctionResponse,
  refusals: {
    noStage: notFound,
    noRoute: notFound,
    tooLarge: { status: 413, message: "Request Entity Too Large" },
    throttled: { status: 429, message: "Too Many Requests" },
    failed: internal,
    malformed: internal,
    late: unavailable,
    busy: unavailable,
    denied: internal,
  },
};

export type { Dialect, Reason, RefusalAnswer };
export { httpDialect };
