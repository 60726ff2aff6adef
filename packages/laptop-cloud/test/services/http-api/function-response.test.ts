import { expect } from "chai";
import { MalformedResponse, parseFunctionResponse } from "../../../src/services/http-api/function-response";

describe("http-api function response", () => {
  const json = { "content-type": "application/json" };
  const text = { "content-type": "text/plain;charset=UTF-8" };
  const rows: [string, unknown, { status?: number; headers?: object; cookies?: string[]; body?: string }][] = [
    ["an object without a status is JSON", { ok: true }, { headers: json, body: '{"ok":true}' }],
    ["a string is the body itself", "hello", { headers: json, body: "hello" }],
    ["a list", [1, 2], { headers: json, body: "[1,2]" }],
    ["nothing", null, { headers: json, body: "null" }],
    ["a whole answer", { statusCode: 201, body: "made" }, { status: 201, headers: text, body: "made" }],
    ["a status in digits", { statusCode: "204" }, { status: 204, headers: text, body: "" }],
    [
      "headers in any case",
      { statusCode: 200, headers: { "Content-Type": "text/css", "X-N": 1 } },
      { headers: { "content-type": "text/css", "x-n": "1" } },
    ],
    ["headers of the connection are the gateway's", { statusCode: 200, headers: { "Transfer-Encoding": "chunked" } }, { headers: text }],
    ["base64", { statusCode: 200, body: "w7w=", isBase64Encoded: true }, { headers: text, body: "ü" }],
    ["cookies", { statusCode: 200, cookies: ["a=1", "b=2; Path=/"] }, { headers: text, cookies: ["a=1", "b=2; Path=/"] }],
  ];
  for (const [title, result, { status = 200, headers, cookies = [], body = "" }] of rows) {
    it(`accepts ${title}`, () => {
      const answer = parseFunctionResponse(JSON.stringify(result));
      expect({ ...answer, body: answer.body.toString() }).to.deep.equal({ status, headers, cookies, body });
    });
  }

  const malformed: [string, unknown][] = [
    ["an invalid status", { statusCode: "ok" }],
    ["a status beyond HTTP", { statusCode: 600 }],
    ["a body that is an object", { statusCode: 200, body: {} }],
    ["a body that is a number", { statusCode: 200, body: 5 }],
    ["headers that are a list", { statusCode: 200, headers: ["a"] }],
    ["a header that is a list", { statusCode: 200, headers: { a: ["b"] } }],
    ["a header with a line break", { statusCode: 200, headers: { a: "b\r\nc: d" } }],
    ["cookies that are text", { statusCode: 200, cookies: "a=1" }],
    ["a cookie with a line break", { statusCode: 200, cookies: ["a=1\r\nb: c"] }],
  ];
  for (const [title, result] of malformed) {
    it(`refuses ${title}`, () => {
      expect(() => parseFunctionResponse(JSON.stringify(result))).to.throw(MalformedResponse);
    });
  }
});
