import { expect } from "chai";
import { checkPrefixes, evaluatePrefix } from "../../../src/services/firehose/prefix";

describe("firehose prefix", () => {
  const atMs = Date.UTC(2026, 0, 2, 3, 4, 5);

  for (const [prefix, evaluated] of [
    ["", "2026/01/02/03/"],
    ["messages/", "messages/2026/01/02/03/"],
    ["messages/!{timestamp:yyyy/MM/dd}/", "messages/2026/01/02/"],
    ["dt=!{timestamp:yyyy'-'MM'-'dd}/hh=!{timestamp:HH}/", "dt=2026-01-02/hh=03/"],
    ["!{firehose:random-string}/!{timestamp:'day 'dd}/", "r4nd0m/day 02/"],
  ] as const) {
    it(`evaluates ${JSON.stringify(prefix)}`, () => expect(evaluatePrefix(prefix, atMs, "r4nd0m")).to.equal(evaluated));
  }

  for (const [prefix, errorOutputPrefix, reason] of [
    ["!{timestamp:yyyy}/", undefined, /errorOutputPrefix is not set/],
    ["!{timestamp:yyyy}/", "errors/!{timestamp:yyyy}/", /must contain !\{firehose:error-output-type\}/],
    ["!{firehose:error-output-type}/", "errors/", /is not imitated there/],
    ["!{partitionKeyFromQuery:team}/", "errors/", /!\{partitionKeyFromQuery:team\} is not imitated/],
    ["!{timestamp:yyyy-'W'ww}/", "errors/", /"ww" .* is not imitated/],
  ] as const) {
    it(`refuses ${prefix} with ${errorOutputPrefix}`, () =>
      expect(() => checkPrefixes({ prefix, errorOutputPrefix }))
        .to.throw(reason)
        .with.property("code", "InvalidArgumentException"));
  }

  it("takes a prefix without expressions alone, and one with a folder for errors", () => {
    checkPrefixes({ prefix: "messages/" });
    checkPrefixes({ prefix: "!{timestamp:yyyy}/", errorOutputPrefix: "errors/" });
  });
});
