import { expect } from "chai";
import { buildExecutionName } from "#core/execution-name";

describe("execution-name", () => {
  it("is the same for the same work, and valid for Step Functions", () => {
    const name = buildExecutionName("bucket", "a/b ü.csv", "v1");
    expect(buildExecutionName("bucket", "a/b ü.csv", "v1")).to.equal(name);
    expect(name).to.match(/^[0-9a-f]{64}$/);
  });

  it("differs if the parts are divided differently", () => {
    const names = [buildExecutionName("a", "bc"), buildExecutionName("ab", "c"), buildExecutionName("abc"), buildExecutionName('a","bc')];
    expect(new Set(names).size).to.equal(names.length);
  });
});
