import { expect } from "chai";
import { buildExecutionName } from "#core/execution-name";

describe("execution-name", () => {
  it("is the same for the same work, and fit for Step Functions whatever it is made of", () => {
    const name = buildExecutionName("bucket", "a/b ü.csv", "v1");
    expect(buildExecutionName("bucket", "a/b ü.csv", "v1")).to.equal(name);
    expect(name).to.match(/^[0-9a-f]{64}$/);
  });

  it("is another where parts are divided otherwise", () => {
    const names = [buildExecutionName("a", "bc"), buildExecutionName("ab", "c"), buildExecutionName("abc"), buildExecutionName('a","bc')];
    expect(new Set(names).size).to.equal(names.length);
  });
});
