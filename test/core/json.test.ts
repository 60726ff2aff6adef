import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { BadRequest } from "#core/errors";
import { parseJsonObject } from "#core/json";

describe("json", () => {
  const nested = 100_000;
  const refused: [title: string, body: string][] = [
    ["null", "null"],
    ["a list", "[]"],
    ["a number", "5"],
    ["a string", '"x"'],
    ["nothing", ""],
    ["truncated JSON", '{"type": "event_'],
    ["a byte-order mark", "\ufeff{}"],
    ["100,000 open brackets", "[".repeat(nested)],
    ["100,000 nested lists", "[".repeat(nested) + "]".repeat(nested)],
  ];
  for (const [title, body] of refused) {
    it(`refuses ${title}`, () => expect(thrownBy(() => parseJsonObject(Buffer.from(body)))).to.be.instanceOf(BadRequest));
  }

  it("accepts an object with 100,000 nested lists", () => {
    expect(parseJsonObject(Buffer.from(`{"a": ${"[".repeat(nested)}${"]".repeat(nested)}, "b": 1}`))["b"]).to.equal(1);
  });

  it("does not let __proto__ change the prototype", () => {
    expect(parseJsonObject(Buffer.from('{"__proto__": {"token": "x"}}'))["token"]).to.equal(undefined);
  });
});
