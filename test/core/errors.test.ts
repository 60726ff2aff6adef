import { expect } from "chai";
import * as errors from "#core/errors";

describe("errors", () => {
  const { SENTENCES, FanoutError, ...rest } = errors;
  const classes = Object.entries(rest) as [string, new (...args: unknown[]) => Error][];

  it("have exactly one sentence each", () => {
    expect(classes.map(([name]) => name).sort()).to.deep.equal(Object.keys(SENTENCES).sort());
  });

  for (const [name, Class] of classes) {
    it(`${name} has its name and is a FanoutError`, () => {
      // Some need more arguments, which do not matter here.
      const error = new Class("A sentence.", []);
      // A literal: Step Functions and alarms match on it, and the minifier renames classes.
      expect(error.name).to.equal(name);
      expect(error).to.be.instanceOf(FanoutError);
      expect(Object.hasOwn(error, "name")).to.equal(true);
    });
  }

  it("contain their cause and context", () => {
    const cause = new Error("why");
    const error = new errors.NotDurable("The time was up.", { cause, context: { tries: 3 } });
    expect(error).to.deep.include({ message: "The time was up.", context: { tries: 3 } });
    expect(error.cause).to.equal(cause);
    expect(Object.hasOwn(new errors.NotFound("x"), "cause")).to.equal(false);
  });
});
