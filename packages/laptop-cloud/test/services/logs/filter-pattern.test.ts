import { expect } from "chai";
import { AwsError } from "../../../src/kernel/aws-error";
import { compileFilterPattern } from "../../../src/services/logs/filter-pattern";

describe("logs filter pattern", () => {
  const json = '{"level":"ERROR","status":503,"user":{"name":"ada"},"tags":["a","b"],"ok":true,"none":null}';
  const cases: [pattern: string, message: string, matches: boolean][] = [
    ["", "anything", true],
    ["ERROR", "an ERROR line", true],
    ["ERROR", "an error line", false],
    ["ERROR timeout", "timeout: ERROR", true],
    ["ERROR timeout", "ERROR only", false],
    ['"two words"', "has two words here", true],
    ['"two words"', "two other words", false],
    ["?ERROR ?WARN", "a WARN", true],
    ["?ERROR ?WARN", "an INFO", false],
    ["ERROR -ignored", "ERROR ignored", false],
    ["ERROR -ignored", "ERROR", true],
    ["%time[ds]out%", "timeout", false],
    ["%time(d )?out%", "timed out", true],
    ['{ $.level = "ERROR" }', json, true],
    ["{ $.level = ERROR }", json, true],
    ['{ $.level = "WARN" }', json, false],
    ['{ $.level != "WARN" }', json, true],
    ['{ $.level = "ERR*" }', json, true],
    ["{ $.status >= 500 }", json, true],
    ["{ $.status < 500 }", json, false],
    ['{ $.user.name = "ada" && $.status = 503 }', json, true],
    ['{ ($.user.name = "bob") || ($.status = 503) }', json, true],
    ['{ $.tags[1] = "b" }', json, true],
    ["{ $.ok IS TRUE }", json, true],
    ["{ $.none IS NULL }", json, true],
    ["{ $.nothing NOT EXISTS }", json, true],
    ["{ $.nothing EXISTS }", json, false],
    ['{ $.level = "ERROR" }', "no JSON", false],
  ];
  for (const [pattern, message, matches] of cases) {
    it(`${matches ? "matches" : "does not match"} ${message} with ${pattern}`, () => {
      expect(compileFilterPattern(pattern)(message)).to.equal(matches);
    });
  }

  for (const pattern of ["[ip, user]", "{ $.a = 1 && $.b = 2 || $.c = 3 }", "{ $.a LIKE 3 }", "{ $.a = 1", "{ $.* = 1 }"]) {
    it(`refuses ${pattern} by name`, () => {
      expect(() => compileFilterPattern(pattern)).to.throw(AwsError, JSON.stringify(pattern));
    });
  }
});
