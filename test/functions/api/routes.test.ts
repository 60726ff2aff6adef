import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { MethodNotAllowed } from "#core/errors";
import { findRoute } from "#functions/api/routes";

describe("api routes", () => {
  const found = [
    ["GET", "/openapi.json", "describeApi", {}],
    ["GET", "/resources", "listResources", {}],
    ["GET", "/resources/staging", "readResource", { name: "staging" }],
    ["GET", "/resources/b%C3%BChne%201/history", "listPast", { name: "bühne 1" }],
    ["POST", "/resources/staging/claims", "claim", { name: "staging" }],
    ["GET", "/claims/a.b", "readClaim", { claimId: "a.b" }],
    ["DELETE", "/claims/a.b", "release", { claimId: "a.b" }],
    ["PUT", "/claims/a.b/heartbeat", "beat", { claimId: "a.b" }],
  ] as const;
  for (const [method, path, action, parameters] of found) {
    it(`find ${method} ${path}`, () => expect(findRoute(method, `/api${path}`)).to.deep.equal({ action, path: parameters }));
  }

  const unknown = [
    "/",
    "/nothing",
    "/resources/",
    "/resources/../claims",
    "/resources/%2e%2e",
    "/resources/.",
    "/resources/..%2f..%2fetc",
    "/resources/a%5C..%5Cb",
    "/resources/a/b",
    "/resources/%zz",
    "/Resources",
  ];
  for (const path of unknown) {
    it(`refuse ${path}, and quote it`, () => {
      expect(thrownBy(() => findRoute("GET", `/api${path}`))).to.include({
        name: "NotFound",
        message: `There is no "/api${path}".`,
      });
    });
  }

  for (const path of ["/resources", "/apiary/resources", "/api-resources", "/v1/api/resources", "/api", ""]) {
    it(`refuse ${JSON.stringify(path)}, which is not below /api`, () => {
      expect(thrownBy(() => findRoute("GET", path))).to.have.property("name", "NotFound");
    });
  }

  it("name the allowed methods of a path", () => {
    const error = thrownBy(() => findRoute("POST", "/api/claims/x"));
    expect(error).to.be.instanceOf(MethodNotAllowed).and.to.have.property("message", '"/api/claims/x" takes GET, DELETE, PATCH.');
    expect((error as MethodNotAllowed).allowed).to.deep.equal(["GET", "DELETE", "PATCH"]);
  });

  it("distinguish the case of methods, as HTTP does", () => {
    expect(thrownBy(() => findRoute("get", "/api/resources"))).to.be.instanceOf(MethodNotAllowed);
  });
});
