import { expect } from "chai";
import { buildCause, buildFailure, type CaughtError } from "#core/notice/failure";

const cause = (errorMessage: string) => JSON.stringify({ errorMessage, errorType: "BadPayroll", trace: [] });

describe("failure", () => {
  const causes: [title: string, caught: CaughtError, sentence: string][] = [
    ["a function's error", { Error: "BadPayroll", Cause: cause("Row 7, column hours: found x.") }, "Row 7, column hours: found x."],
    ["a message without a full stop", { Error: "TypeError", Cause: cause("x is not a function") }, "x is not a function."],
    ["a timeout", { Error: "States.Timeout", Cause: "" }, "It timed out."],
    [
      "a process that ended",
      { Error: "Runtime.ExitError", Cause: cause("RequestId: 1 Error: Runtime exited") },
      "Its process ended unexpectedly, perhaps because it ran out of memory.",
    ],
    ["plain text", { Error: "SNS.NotFound", Cause: "Topic does not exist" }, "Topic does not exist."],
    ["JSON of another kind", { Error: "X", Cause: '{"a":1}' }, "The cause is unknown."],
    ["a name with unseen characters", { Error: "X", Cause: cause("The object a\u202Ebc\0 was\nremoved") }, "The object abc was removed."],
    ["nothing", {}, "The cause is unknown."],
    ["a token of Slack's", { Error: "X", Cause: cause("refused xoxb-1234-abCD") }, "refused (a token)."],
  ];
  for (const [title, caught, sentence] of causes) {
    it(`describes ${title} in a sentence`, () => expect(buildCause(caught)).to.equal(sentence));
  }

  it("shortens a long message", () => {
    expect(buildCause({ Error: "X", Cause: cause("x".repeat(10_000)) }).length).to.be.below(1600);
  });

  it("contains task, file, position, value, cause and channel", () => {
    const failure = buildFailure({
      execution: "abc",
      task: "processData",
      about: { file: "march.csv", channel: "C0001", threadTs: "1.2" },
      caught: { Error: "BadPayroll", Cause: cause('Row 7, column hours: found "1,5", but hours must be from 0 to 999.99.') },
    });
    expect(failure.subject).to.equal("[ERROR]: Task failed");
    expect(failure.text).to.equal(
      'The task processData failed for the file march.csv. Row 7, column hours: found "1,5", but hours must be from 0 to 999.99. (BadPayroll)',
    );
    expect(JSON.parse(failure.details)).to.deep.equal({
      id: "abc#error",
      outcome: "error",
      title: "[ERROR]: Task failed",
      text: failure.text,
      fields: { task: "processData", file: "march.csv" },
      channel: "C0001",
      threadTs: "1.2",
    });
  });
});
