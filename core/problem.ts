/** Problems with what people type. */

/** A parser's result for invalid input: the sentence to answer with. */
interface Problem {
  problem: string;
}

/** Tells whether a parser returned a problem instead of a value. */
const isProblem = <T>(value: T | Problem): value is Problem => typeof value === "object" && value !== null && "problem" in value;

export type { Problem };
export { isProblem };
