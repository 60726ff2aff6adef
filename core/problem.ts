/** What people write and can't be understood. */

/** A parser's answer in place of a value: the sentence to answer with. */
interface Problem {
  problem: string;
}

/** Tells whether a parser gave the sentence rather than a value. */
const isProblem = <T>(value: T | Problem): value is Problem => typeof value === "object" && value !== null && "problem" in value;

export type { Problem };
export { isProblem };
