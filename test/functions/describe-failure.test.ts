import { expect } from "chai";
import { DescribeFailure } from "#functions/describe-failure";

describe("describe-failure", () => {
  const describeFailure = new DescribeFailure({ tasks: ["processData", "generateReport"] });
  const about = { file: "march.csv", channel: "C0001", threadTs: "1763805600.000200" };
  const failure = {
    Error: "BadPayroll",
    Cause: JSON.stringify({ errorType: "BadPayroll", errorMessage: 'Row 4, column hours: found "many".' }),
  };

  it("names the first task without a result, the file and the cause, and nothing raw", async () => {
    const { subject, text } = await describeFailure.handle({ execution: "run1", state: { about, failure, processData: {} } });
    expect(subject).to.equal("[ERROR]: Task failed");
    expect(text).to.equal('The task generateReport failed for the file march.csv. Row 4, column hours: found "many". (BadPayroll)');
  });

  it("reports to the conversation where the work began, once per execution", async () => {
    const { details } = await describeFailure.handle({ execution: "run1", state: { about, failure } });
    expect(JSON.parse(details)).to.deep.include({
      id: "run1#error",
      outcome: "error",
      channel: "C0001",
      threadTs: "1763805600.000200",
      fields: { task: "processData", file: "march.csv" },
    });
  });

  it("says so if every task has a result", async () => {
    const state = { about, failure, processData: {}, generateReport: {} };
    expect((await describeFailure.handle({ execution: "run1", state })).message).to.match(/^The task unknown failed/);
  });
});
