import { expect } from "chai";

/** The sentence that something could not be read with; fails when it was read. */
const problemIn = (value: unknown): string => {
  expect(value).to.have.property("problem");
  return (value as { problem: string }).problem;
};

export { problemIn };
