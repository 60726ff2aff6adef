import { expect } from "chai";

/** The sentence of a problem; fails if there is none. */
const problemIn = (value: unknown): string => {
  expect(value).to.have.property("problem");
  return (value as { problem: string }).problem;
};

export { problemIn };
