import { expect } from "chai";
import { buildOpenApi } from "#functions/api/openapi";
import { OPERATIONS } from "#functions/api/operations";

interface Described {
  operationId: string;
  parameters?: { name: string; in: string; schema: unknown }[];
  responses: Record<string, unknown>;
  security?: unknown[];
}

describe("openapi", () => {
  const document = JSON.parse(JSON.stringify(buildOpenApi()));
  const operations = Object.values(document.paths as Record<string, Record<string, Described>>).flatMap(Object.values) as Described[];
  const parametersOf = (action: string) => operations.find(({ operationId }) => operationId === action)!.parameters;

  it("has every operation at its route", () => {
    const described = Object.entries(document.paths as Record<string, Record<string, Described>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`),
    );
    expect(described).to.have.members(Object.entries(OPERATIONS).map(([action, { method, path }]) => `${method} ${path} ${action}`));
  });

  it("refers to each of its schemas, and to no other", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect([...new Set(references)]).to.have.members(Object.keys(document.components.schemas));
    expect(JSON.stringify(document)).not.to.match(/"\$(?:id|schema|defs)"/);
  });

  it("describes the parameters of the path, the query and the headers, with their limits", () => {
    expect(parametersOf("listPast")).to.deep.include.members([
      {
        name: "limit",
        in: "query",
        description: "The maximum number of items on a page.",
        schema: { type: "integer", minimum: 1, maximum: 100, default: 50 },
      },
    ]);
    expect(parametersOf("claim")!.map(({ name, in: place }) => `${place} ${name}`)).to.deep.equal(["path name", "header Idempotency-Key"]);
  });

  it("shows which fields of a request are required, and allows no others", () => {
    const { ClaimRequest, LimitRequest } = document.components.schemas;
    expect([ClaimRequest.required, LimitRequest.required]).to.deep.equal([undefined, ["for", "leaseId"]]);
    expect([ClaimRequest.additionalProperties, LimitRequest.additionalProperties]).to.deep.equal([false, false]);
    expect(ClaimRequest.properties.wait).to.include({ type: "integer", minimum: 0, maximum: 25, default: 0 });
  });

  it("lists problems among the answers of every operation", () => {
    for (const { operationId, responses } of operations)
      expect(responses, operationId).to.include.keys("400", "404", "405", "413", "415", "503");
  });

  it("says which operation takes no token", () => {
    const open = operations.filter(({ security }) => security?.length === 0).map(({ operationId }) => operationId);
    expect(open).to.deep.equal(["readCommand"]);
    for (const { operationId, responses } of operations)
      expect("401" in responses && "403" in responses, operationId).to.equal(!open.includes(operationId));
  });
});
