import type { IncomingMessage, ServerResponse } from "node:http";
import type { AwsError } from "../kernel/aws-error";
import type { Wire } from "../kernel/service";
import { escapeXml, writeQueryError } from "./query-wire";

/** The format of an error: JSON, or XML as in the query protocol, S3, or EC2. */
type ErrorFormat = { kind: "json"; contentType: string; queryCodes?: Record<string, string> } | { kind: "query" | "s3" | "ec2" };

/** REST services whose errors look like the query protocol's. */
const xmlServices = ["route53", "cloudfront"];

/** The format of a known service. If the client uses another protocol of the service, the format of that protocol. */
const formatOf = (wire: Wire, request: IncomingMessage): ErrorFormat => {
  switch (wire.protocol) {
    case "aws-json":
      return isQuery(request)
        ? { kind: "query" }
        : { kind: "json", contentType: `application/x-amz-json-${wire.version}`, queryCodes: wire.queryCodes };
    case "query":
      return jsonOf(request) ?? { kind: "query" };
    case "rest":
      return wire.routes.some(route => route.streams) ? { kind: "s3" } : { kind: "json", contentType: "application/json" };
  }
};

/** Guesses the format for an unknown service from the request. `service` is undefined if the request is not signed. */
const guessFormat = (request: IncomingMessage, service: string | undefined): ErrorFormat => {
  const json = jsonOf(request);
  if (json !== undefined) return json;
  if (isQuery(request)) return { kind: service === "ec2" ? "ec2" : "query" };
  if (service === undefined || service.startsWith("s3")) return { kind: "s3" };
  return xmlServices.includes(service) ? { kind: "query" } : { kind: "json", contentType: "application/json" };
};

const jsonOf = ({ headers }: IncomingMessage): ErrorFormat | undefined => {
  const contentType = /^application\/(x-amz-json-1\.[01]|json)\b/.exec(headers["content-type"] ?? "")?.[0];
  if (contentType !== undefined) return { kind: "json", contentType };
  return headers["x-amz-target"] === undefined ? undefined : { kind: "json", contentType: "application/x-amz-json-1.0" };
};

const isQuery = ({ headers, url = "/" }: IncomingMessage): boolean =>
  headers["x-amz-target"] === undefined &&
  (/[?&]Action=/.test(url) || headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true);

const writeError = (response: ServerResponse, format: ErrorFormat, error: AwsError, requestId: string) => {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  // Otherwise the unread rest of the body would be parsed as the connection's next request.
  if (error.status === 413) response.setHeader("connection", "close");
  switch (format.kind) {
    case "query":
      response.writeHead(error.status, { "content-type": "text/xml" }).end(writeQueryError(error, requestId));
      return;
    case "ec2":
      response.writeHead(error.status, { "content-type": "text/xml" }).end(writeEc2Error(error, requestId));
      return;
    case "s3":
      response.writeHead(error.status, { ...error.headers, "content-type": "application/xml" }).end(writeS3Error(error, requestId));
      return;
    case "json":
      if (format.queryCodes !== undefined) {
        const fault = error.status >= 500 ? "Receiver" : "Sender";
        response.setHeader("x-amzn-query-error", `${format.queryCodes[error.code] ?? error.code};${fault}`);
      }
      response
        .writeHead(error.status, { "content-type": format.contentType, "x-amzn-errortype": error.code })
        .end(JSON.stringify({ __type: error.code, message: error.message, Message: error.message, ...error.fields }));
  }
};

const writeS3Error = ({ code, message, fields }: AwsError, requestId: string) => {
  const elements = Object.entries({ Code: code, Message: message, ...fields, RequestId: requestId });
  const inner = elements.map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`).join("");
  return `<?xml version="1.0" encoding="UTF-8"?><Error>${inner}</Error>`;
};

const writeEc2Error = ({ code, message }: AwsError, requestId: string) =>
  `<Response><Errors><Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error></Errors>` +
  `<RequestID>${requestId}</RequestID></Response>`;

export type { ErrorFormat };
export { formatOf, guessFormat, writeError };
