import { expect } from "chai";
import type { About } from "#core/notice/failure";
import { DescribeFailure } from "#functions/describe-failure";

describe("describe-failure", () => {
  const describeFailure = new DescribeFailure();
  const about = { file: "march.csv", channel: "C0001", threadTs: "1763805600.000200" };
  const generateReport = {
    Error: "BadPayroll",
    Cause: JSON.stringify({ errorType: "BadPayroll", errorMessage: 'Row 4, column hours: found "many".' }),
  };
  const describe = (state: { about: About }) =>
    describeFailure.handle({ execution: "run1", state: { failure: { generateReport }, ...state } });

  it("names the task, the file and the cause, and nothing raw", async () => {
    const { subject, text, error } = await describe({ about });
    expect(subject).to.equal("[ERROR]: Task failed");
    expect(text).to.equal('The task generateReport failed for the file march.csv. Row 4, column hours: found "many". (BadPayroll)');
    expect(error).to.equal("BadPayroll");
  });

  it("reports to the conversation where the work began, once per execution", async () => {
    const { details } = await describe({ about });
    expect(JSON.parse(details)).to.deep.include({
      id: "run1#error",
      outcome: "error",
      channel: "C0001",
      threadTs: "1763805600.000200",
      fields: { task: "generateReport", file: "march.csv" },
    });
  });

  it("names a person", async () => {
    const { text, details } = await describe({ about: { person: "Ann Lee" } });
    expect(text).to.match(/^The task generateReport failed for the person Ann Lee\. /);
    expect(JSON.parse(details).fields).to.deep.equal({ task: "generateReport", person: "Ann Lee" });
  });
});
