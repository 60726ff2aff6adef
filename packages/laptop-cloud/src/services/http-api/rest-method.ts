import { AwsError } from "../../kernel/aws-error";
import { functionArnOf, quote } from "./resources/shared";

/** The integration of a REST method, whether declared as a resource or in OpenAPI. */
interface IntegrationDefinition {
  type: "AWS_PROXY" | "MOCK";
  /** Present for AWS_PROXY. */
  uri?: string;
  timeoutMs: number;
  /** By content type. Only a mock integration has them. */
  requestTemplates?: Record<string, string>;
  responses: ResponseDefinition[];
}

interface ResponseDefinition {
  statusCode: string;
  selectionPattern?: string;
  /** `method.response.header.NAME` to a constant in single quotes. */
  responseParameters?: Record<string, string>;
  /** By content type. */
  responseTemplates?: Record<string, string>;
}

/** AWS's integration timeout for REST APIs, default and highest, milliseconds (API Gateway quotas). */
const MAX_REST_INTEGRATION_MS = 29_000;
const MIN_INTEGRATION_MS = 50;

/** Throws `AwsError` BadRequestException that quotes the invalid value, or names what is not imitated. */
const parseIntegration = (input: Record<string, unknown>): IntegrationDefinition => {
  const type = String(input["type"]).toUpperCase();
  if (type !== "AWS_PROXY" && type !== "MOCK")
    throw refuse(`type is ${quote(input["type"])}, but the laptop cloud imitates only AWS_PROXY and MOCK.`);
  const timeoutMs = Number(input["timeoutMs"] ?? MAX_REST_INTEGRATION_MS);
  if (!(timeoutMs >= MIN_INTEGRATION_MS && timeoutMs <= MAX_REST_INTEGRATION_MS))
    throw refuse(`the timeout is ${quote(timeoutMs)}, but must be ${MIN_INTEGRATION_MS} to ${MAX_REST_INTEGRATION_MS} milliseconds.`);
  if (type === "MOCK") {
    const requestTemplates = parseTemplates(input["requestTemplates"]);
    return { type, timeoutMs, requestTemplates, responses: [] };
  }
  const { uri, httpMethod } = input;
  if (functionArnOf(uri) === undefined) throw refuse(`uri is ${quote(uri)}, but must be a function's invokeArn.`);
  if (httpMethod !== "POST") throw refuse(`the integration's HTTP method is ${quote(httpMethod)}, but must be POST.`);
  return { type, uri: String(uri), timeoutMs, responses: [] };
};

/** Throws `AwsError` BadRequestException. */
const parseResponse = (input: Record<string, unknown>): ResponseDefinition => {
  const { statusCode, selectionPattern, responseParameters } = input;
  if (!/^[1-5]\d\d$/.test(String(statusCode))) throw refuse(`statusCode is ${quote(statusCode)}, but must be an HTTP status.`);
  for (const [name, value] of Object.entries((responseParameters ?? {}) as Record<string, unknown>))
    if (!/^method\.response\.header\.\S+$/.test(name) || !/^'.*'$/s.test(String(value)))
      throw refuse(
        `${quote(name)} is ${quote(value)}: the laptop cloud imitates method.response.header.NAME with a constant in single quotes.`,
      );
  return {
    statusCode: String(statusCode),
    selectionPattern: selectionPattern === undefined || selectionPattern === "" ? undefined : String(selectionPattern),
    responseParameters: responseParameters as Record<string, string> | undefined,
    responseTemplates: parseTemplates(input["responseTemplates"]),
  };
};

/** Templates without code: VTL is not imitated. */
const parseTemplates = (input: unknown): Record<string, string> | undefined => {
  const templates = (input ?? {}) as Record<string, string>;
  const code = Object.values(templates).find(template => /\$[!{a-zA-Z]|#(?:set|if|foreach|else|end|#|\*)/.test(template));
  if (code !== undefined)
    throw refuse(`a template is ${quote(code.slice(0, 100))}: the laptop cloud imitates templates without variables.`);
  return input === undefined ? undefined : templates;
};

const refuse = (message: string) => new AwsError("BadRequestException", message);

export type { IntegrationDefinition, ResponseDefinition };
export { parseIntegration, parseResponse, refuse };
