import { expect } from "chai";
import { readReportedFailure } from "../../../src/services/lambda/reported-failure";

describe("reported failure", () => {
  const read = (result: unknown, { records = 0, reportsFailures = true, postponed = 0 } = {}) => {
    const payload = JSON.stringify({ Records: Array(records).fill({}) });
    return readReportedFailure({ payload, result: JSON.stringify(result), reportsFailures, countPostponed: () => postponed });
  };
  const partial = { batchItemFailures: [{ itemIdentifier: "a" }] };

  it("is what the result says", () => {
    expect(read(partial, { records: 3 })).to.equal("1 of 3 messages failed");
    expect(read(partial, { records: 3, reportsFailures: false })).to.match(/^1 of 3 messages failed, but its event source does not read/);
    expect(read({ statusCode: 503, body: "" })).to.equal("returned status 503");
    expect(read({ errorType: "Late", errorMessage: "too late" })).to.equal("returned an error: too late");
    expect(read({ error: "no" })).to.equal("returned an error: no");
    expect(read({ error: { message: "no" } })).to.equal("returned an error: no");
  });

  it("is undefined for other results", () => {
    for (const result of [
      null,
      "text",
      5,
      [],
      {},
      { statusCode: 404 },
      { batchItemFailures: [] },
      { error: null },
      { error: "" },
      { error: "BadPayroll", cause: "no rows" },
    ])
      expect(read(result), JSON.stringify(result)).to.equal(undefined);
  });

  it("is undefined for messages that the function has postponed, unless others failed, too", () => {
    expect(read(partial, { records: 3, postponed: 1 })).to.equal(undefined);
    const both = { batchItemFailures: [{ itemIdentifier: "a" }, { itemIdentifier: "b" }] };
    expect(read(both, { records: 3, postponed: 1 })).to.equal("2 of 3 messages failed");
    expect(read(partial, { records: 3, postponed: 1, reportsFailures: false })).to.match(/^1 of 3 messages failed, but/);
  });
});
