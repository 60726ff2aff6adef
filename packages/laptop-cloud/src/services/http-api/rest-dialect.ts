import { randomUUID } from "node:crypto";
import type { Dialect, Reason, RefusalAnswer } from "./dialect";
import { buildRestEvent } from "./rest-event";
import { parseRestResponse } from "./rest-response";

const internal = { status: 500, message: "Internal server error" };
const badGateway = { status: 502, message: "Internal server error" };

/** "Gateway response types for API Gateway". */
const refusals: Record<Reason, RefusalAnswer> = {
  noStage: { status: 403, message: "Forbidden" },
  noRoute: { status: 403, message: "Missing Authentication Token" },
  tooLarge: { status: 413, message: "Request Too Long" },
  throttled: { status: 429, message: "Too Many Requests" },
  failed: badGateway,
  malformed: badGateway,
  late: { status: 504, message: "Endpoint request timed out" },
  busy: internal,
  denied: internal,
};

/** REST APIs: payload format 1.0. `changed` has the gateway responses that the API changes. */
const createRestDialect = (binaryMediaTypes: readonly string[], changed: Partial<Record<Reason, RefusalAnswer>>): Dialect => ({
  requestIdHeader: "x-amzn-requestid",
  createRequestId: randomUUID,
  buildEvent: (request, route) => buildRestEvent(request, route, binaryMediaTypes),
  parseResponse: (payload, request) => parseRestResponse(payload, request.headers.accept, binaryMediaTypes),
  refusals: { ...refusals, ...changed },
});

export { createRestDialect };
