import { isObject } from "../../kernel/json";
import type { Reason, RefusalAnswer } from "./dialect";
import { quote } from "./resources/shared";
import { type IntegrationDefinition, parseIntegration, parseResponse, refuse } from "./rest-method";

/** What the laptop cloud reads from an OpenAPI document. */
interface OpenApi {
  binaryMediaTypes: string[];
  methods: { method: string; path: string; operationName?: string; integration: IntegrationDefinition }[];
  refusals: Partial<Record<Reason, RefusalAnswer>>;
}

const verbs = ["get", "head", "post", "put", "patch", "delete", "options"];
const anyMethod = "x-amazon-apigateway-any-method";

/** Extensions that would change who may call a method, or what it accepts. */
const refusedExtensions = ["x-amazon-apigateway-auth", "x-amazon-apigateway-request-validator", "security"];

/** The gateway responses that the laptop cloud gives. */
const reasons: Record<string, Reason[]> = {
  MISSING_AUTHENTICATION_TOKEN: ["noRoute"],
  REQUEST_TOO_LARGE: ["tooLarge"],
  THROTTLED: ["throttled"],
  INTEGRATION_TIMEOUT: ["late"],
  INTEGRATION_FAILURE: ["failed", "malformed"],
};

/** Parses the JSON body of a REST API. Throws `AwsError` BadRequestException that names what is not imitated. */
const parseOpenApi = (text: string): OpenApi => {
  const document = parseJson(text);
  verifyOpen(document, "the document");
  const paths = Object.entries(isObject(document["paths"]) ? document["paths"] : {});
  return {
    binaryMediaTypes: (document["x-amazon-apigateway-binary-media-types"] as string[] | undefined) ?? [],
    methods: paths.flatMap(([path, item]) => readPath(path, item)),
    refusals: readGatewayResponses(document["x-amazon-apigateway-gateway-responses"]),
  };
};

const parseJson = (text: string): Record<string, unknown> => {
  try {
    const document: unknown = JSON.parse(text);
    if (isObject(document)) return document;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw refuse(`body is ${quote(text.slice(0, 60))}: the laptop cloud reads OpenAPI as JSON.`);
};

const verifyOpen = (part: Record<string, unknown>, where: string) => {
  const refused = refusedExtensions.find(name => part[name] !== undefined && JSON.stringify(part[name]) !== "[]");
  if (refused !== undefined) throw refuse(`${where} has ${refused}, which the laptop cloud does not imitate.`);
};

const readPath = (path: string, item: unknown): OpenApi["methods"] =>
  Object.entries(isObject(item) ? item : {}).flatMap(([key, operation]) => {
    if ((!verbs.includes(key) && key !== anyMethod) || !isObject(operation)) return [];
    const method = key === anyMethod ? "ANY" : key.toUpperCase();
    verifyOpen(operation, `${method} ${path}`);
    return [
      {
        method,
        path,
        operationName: operation["operationId"] as string | undefined,
        integration: readIntegration(operation["x-amazon-apigateway-integration"], `${method} ${path}`),
      },
    ];
  });

const readIntegration = (integration: unknown, where: string): IntegrationDefinition => {
  if (!isObject(integration)) throw refuse(`${where} has no x-amazon-apigateway-integration.`);
  const responses = Object.entries(isObject(integration["responses"]) ? integration["responses"] : {});
  const parsed = parseIntegration({ ...integration, timeoutMs: integration["timeoutInMillis"] });
  if (parsed.type !== "MOCK") return parsed;
  return {
    ...parsed,
    responses: responses.map(([pattern, response]) =>
      parseResponse({ ...(response as object), selectionPattern: pattern === "default" ? undefined : pattern }),
    ),
  };
};

/** Only the status, and a message that is a constant. */
const readGatewayResponses = (responses: unknown): OpenApi["refusals"] =>
  Object.fromEntries(
    Object.entries(isObject(responses) ? responses : {}).flatMap(([type, response]) => {
      const answer = isObject(response) ? readAnswer(response) : undefined;
      return answer === undefined ? [] : (reasons[type] ?? []).map(reason => [reason, answer] as const);
    }),
  );

const readAnswer = ({ statusCode, responseTemplates }: Record<string, unknown>): RefusalAnswer | undefined => {
  const template = isObject(responseTemplates) ? String(responseTemplates["application/json"]) : "";
  const message = /"message"\s*:\s*"([^"$]*)"/.exec(template)?.[1];
  return statusCode === undefined || message === undefined ? undefined : { status: Number(statusCode), message };
};

export type { OpenApi };
export { parseOpenApi };
