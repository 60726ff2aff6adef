import { AwsError } from "../../kernel/aws-error";
import { compilePattern, type Dialect, type Filter, PatternError } from "../../kernel/filter/pattern";
import { isObject } from "../../kernel/json";

/** "Comparison operators for use in event patterns". */
const dialect: Dialect = {
  operators: ["prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "cidr", "wildcard", "exists"],
  maxComparedNumber: 5e9,
  maxExactNumber: Number.POSITIVE_INFINITY,
};

/** Compiles the event pattern of a rule. Throws `AwsError` InvalidEventPatternException with the reason. */
const parseEventPattern = (text: string): Filter => {
  const pattern = parseJson(text);
  if (!isObject(pattern)) throw refusal("the pattern is not a JSON object");
  try {
    return compilePattern(pattern, dialect);
  } catch (error) {
    throw error instanceof PatternError ? refusal(error.message) : error;
  }
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal((error as Error).message);
  }
};

const refusal = (reason: string) => new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);

export { parseEventPattern };
