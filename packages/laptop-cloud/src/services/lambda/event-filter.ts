import { compilePattern, type Dialect, type Filter, PatternError } from "../../kernel/filter/pattern";
import { isObject } from "../../kernel/json";

/** "Control which events Lambda sends to your function" has no `cidr`; numbers are bounded as in EventBridge. */
const dialect: Dialect = {
  operators: ["prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "exists"],
  maxComparedNumber: 5e9,
  maxExactNumber: Number.POSITIVE_INFINITY,
};

/** Compiles one pattern of an event source mapping's `FilterCriteria`. Throws `PatternError`. */
const compileEventFilter = (text: string): Filter => {
  const pattern = parseJson(text);
  if (!isObject(pattern)) throw new PatternError("", `${text} is not a JSON object`);
  return compilePattern(pattern, dialect);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new PatternError("", `${text} is not JSON`);
  }
};

export { compileEventFilter };
