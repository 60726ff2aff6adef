import { expect } from "chai";
import { findRoute, parseRoute } from "../../../src/services/http-api/routing";

describe("http-api routing", () => {
  const keys = [
    "$default",
    "ANY /{proxy+}",
    "GET /pets/{proxy+}",
    "GET /pets/{kind}/{id}",
    "GET /pets/dog/{id}",
    "GET /pets/dog/1",
    "ANY /pets/dog/1",
    "POST /webhook",
    "GET /",
  ];
  const routes = keys.map(key => parseRoute(key, key));

  const rows: [string, string, Record<string, string>][] = [
    ["GET /pets/dog/1", "GET /pets/dog/1", {}],
    ["PUT /pets/dog/1", "ANY /pets/dog/1", {}],
    ["GET /pets/dog/2", "GET /pets/dog/{id}", { id: "2" }],
    ["GET /pets/cat/2", "GET /pets/{kind}/{id}", { kind: "cat", id: "2" }],
    ["GET /pets/cat/2/toys", "GET /pets/{proxy+}", { proxy: "cat/2/toys" }],
    ["GET /pets/a%20b", "GET /pets/{proxy+}", { proxy: "a b" }],
    ["GET /pets/%ZZ", "GET /pets/{proxy+}", { proxy: "%ZZ" }],
    ["POST /pets/cat/2", "ANY /{proxy+}", { proxy: "pets/cat/2" }],
    ["POST /webhook", "POST /webhook", {}],
    ["POST /webhook/", "ANY /{proxy+}", { proxy: "webhook/" }],
    ["GET /", "GET /", {}],
    ["POST /", "$default", {}],
    ["POST /Webhook", "ANY /{proxy+}", { proxy: "Webhook" }],
  ];
  for (const [asked, key, parameters] of rows) {
    it(`gives ${asked} to ${key}`, () => {
      const [method, path] = asked.split(" ") as [string, string];
      const match = findRoute(routes, method, path);
      expect({ key: match?.route.key, parameters: match?.parameters }).to.deep.equal({ key, parameters });
    });
  }

  it("matches nothing without a default route", () => {
    const one = [parseRoute("POST /webhook", "")];
    expect(findRoute(one, "GET", "/webhook")).to.equal(undefined);
    expect(findRoute(one, "POST", "/")).to.equal(undefined);
    expect(findRoute(one, "POST", "//webhook")).to.equal(undefined);
  });
});
