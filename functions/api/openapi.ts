/** Builds openapi.json, the API's description as OpenAPI 3.1, from its operations. */
import * as z from "zod";
import { ACTIONS, type Action, type Operation, operationOf } from "#functions/api/operations";
import { CLAIM_REQUEST, LIMIT_REQUEST } from "#functions/api/parameters";
import { PROBLEM } from "#functions/api/problem";
import { CLAIM, ENDED, HOLDING, LIVE_CLAIM, PAST_CLAIM, PAST_PAGE, RESOURCE, RESOURCE_PAGE, WAITING } from "#functions/api/shapes";

type Json = Record<string, unknown>;

/** The schemas that have a name in the description; operations refer to them. */
const NAMED = z
  .registry<{ id: string }>()
  .add(CLAIM_REQUEST, { id: "ClaimRequest" })
  .add(LIMIT_REQUEST, { id: "LimitRequest" })
  .add(HOLDING, { id: "Holding" })
  .add(WAITING, { id: "Waiting" })
  .add(ENDED, { id: "Ended" })
  .add(CLAIM, { id: "Claim" })
  .add(LIVE_CLAIM, { id: "LiveClaim" })
  .add(RESOURCE, { id: "Resource" })
  .add(RESOURCE_PAGE, { id: "ResourcePage" })
  .add(PAST_CLAIM, { id: "PastClaim" })
  .add(PAST_PAGE, { id: "PastPage" })
  .add(PROBLEM, { id: "Problem" });

const uri = (id: string) => `#/components/schemas/${id}`;

/** Shows what a client sends, where fields with a default are optional. Zod drops the default of a transformed field, so we put it back. */
const OPTIONS = {
  io: "input",
  uri,
  override: ({ zodSchema, jsonSchema }) => {
    if (zodSchema instanceof z.ZodDefault) jsonSchema.default = zodSchema.def.defaultValue;
  },
} satisfies z.core.RegistryToJSONSchemaParams;

const describeSchema = (schema: z.ZodType): Json => {
  const id = NAMED.get(schema)?.id;
  return id === undefined ? withoutUris(z.toJSONSchema(schema, OPTIONS)) : { $ref: uri(id) };
};

/** Within one document, a schema is named by its place. */
const withoutUris = ({ $schema: _, $id: __, ...schema }: Json): Json => schema;

const describeSchemas = (): Json => {
  const { schemas } = z.toJSONSchema(NAMED, OPTIONS);
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutUris(schema as Json)]));
};

const describeContent = (schema: z.ZodType, mediaType = "application/json"): Json => ({
  content: { [mediaType]: { schema: describeSchema(schema) } },
});

const PROBLEMS = {
  400: "The request can't be understood: an unknown or repeated parameter or field, a wrong type, a value out of range.",
  401: "The token is missing, unknown, expired or revoked. The answer does not say which.",
  403: "The token is another team's, or the claim was made by somebody else.",
  404: "The resource, the claim or the route does not exist.",
  405: "The route does not take this method. The header Allow lists those that it takes.",
  409: "The state has changed: the lease is stale, the claim has ended, or the queue is full.",
  413: "The body has more than 1 MB.",
  415: "The body is not application/json in UTF-8, or it is compressed.",
  422: "The idempotency key was used with another body before.",
  503: "The result is unknown, because the time was up. Repeat the request with the same idempotency key.",
} as const;

/** Problems that every operation may answer, and those of operations that take a token. */
const ALWAYS = [400, 404, 405, 413, 415, 503] as const;
const WITH_TOKEN = [401, 403] as const;

const describeResponses = ({ answers, isOpen = false, problems = [] }: Operation): Json => ({
  ...Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, mediaType }]) => [
      status,
      { description, ...(schema === undefined ? {} : describeContent(schema, mediaType)) },
    ]),
  ),
  ...Object.fromEntries(
    [...ALWAYS, ...(isOpen ? [] : WITH_TOKEN), ...problems].map(status => [
      status,
      { description: PROBLEMS[status], ...describeContent(PROBLEM, "application/problem+json") },
    ]),
  ),
});

const PATH_PARAMETERS: Record<string, string> = {
  name: "One word of at most 64 letters, digits, dots, hyphens and underscores, in any case.",
  claimId: "The id from the answer that created the claim.",
};

const describePath = (path: string): Json[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: PATH_PARAMETERS[name],
    schema: { type: "string" },
  }));

const describeParameters = (place: "query" | "header", parameters: z.ZodObject | undefined): Json[] =>
  Object.entries(parameters?.shape ?? {}).map(([name, schema]) => {
    const { description, ...type } = describeSchema(schema);
    return { name, in: place, description, schema: type };
  });

const describeOperation = (action: Action): Json => {
  const { summary, path, query, headers, body, ...operation } = operationOf(action);
  const parameters = [...describePath(path), ...describeParameters("query", query), ...describeParameters("header", headers)];
  return {
    operationId: action,
    summary,
    ...(operation.isOpen ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: body.required ?? false, ...describeContent(body.schema) } }),
    responses: describeResponses({ summary, path, ...operation }),
  };
};

const describePaths = (): Json => {
  const paths: Record<string, Json> = {};
  for (const action of ACTIONS) {
    const { path, method } = operationOf(action);
    paths[path] = { ...paths[path], [method.toLowerCase()]: describeOperation(action) };
  }
  return paths;
};

const buildOpenApi = () => ({
  openapi: "3.1.0",
  info: {
    title: "slack-fanout: turn queues",
    version: "1",
    description:
      "Claims on shared things, for pipelines and people. A resource exists from its first claim. Tokens come from `/dibs token` in Slack.",
  },
  // Relative to this description, so that it holds wherever the API is; paths are appended to it.
  servers: [{ url: "../api" }],
  security: [{ bearer: [] }],
  paths: describePaths(),
  components: {
    securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "`sf_` and 40 letters or digits, in the header only." } },
    schemas: describeSchemas(),
  },
});

export { buildOpenApi };
