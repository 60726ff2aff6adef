/** A pattern for actions or ARNs in a policy. */
interface Pattern {
  /** As written. */
  text: string;
  matches(value: string): boolean;
}

interface GlobOptions {
  ignoreCase?: boolean;
}

/** A part of a policy that is invalid or not imitated. The message quotes it. */
class PolicyError extends Error {
  override name = "PolicyError";
}

/** `*` matches any characters, `?` matches one; `${*}`, `${?}` and `${$}` are the literal characters (IAM JSON policy elements: Variables). */
const compileGlob = (text: string, { ignoreCase = false }: GlobOptions = {}): Pattern => {
  refuseVariables(text);
  if (text === "*") return { text, matches: () => true };
  if (!/[*?$]/.test(text)) {
    if (!ignoreCase) return { text, matches: value => value === text };
    const lower = text.toLowerCase();
    return { text, matches: value => value.toLowerCase() === lower };
  }
  const source = text.replace(/\$\{([*?$])\}|[*?]|[\\^$.|+()[\]{}]/g, (found, literal: string | undefined) => {
    if (literal !== undefined) return `\\${literal}`;
    if (found === "*") return ".*";
    return found === "?" ? "." : `\\${found}`;
  });
  const expression = new RegExp(`^${source}$`, ignoreCase ? "is" : "s");
  return { text, matches: value => expression.test(value) };
};

const ARN_FIELDS = 6;

/**
 * Matches ARNs field by field, so that a wildcard stays within its field; the sixth takes the rest, colons included. Missing fields
 * count as `*` (IAM JSON policy elements: Resource).
 */
const compileArn = (text: string): Pattern => {
  refuseVariables(text);
  if (text === "*") return { text, matches: () => true };
  if (!text.startsWith("arn:")) throw new PolicyError(`${JSON.stringify(text)} is not an ARN. It must be "arn:..." or "*".`);
  const wanted = splitArn(text);
  while (wanted.length < ARN_FIELDS) wanted.push("*");
  if (!wanted.some(field => /[*?$]/.test(field))) {
    const exact = wanted.join(":");
    return { text, matches: value => value === exact };
  }
  const fields = wanted.map(field => compileGlob(field));
  return {
    text,
    matches: value => {
      const found = splitArn(value);
      return found.length === ARN_FIELDS && fields.every((field, index) => field.matches(found[index]!));
    },
  };
};

const splitArn = (arn: string): string[] => {
  const fields = arn.split(":");
  return fields.length <= ARN_FIELDS ? fields : [...fields.slice(0, ARN_FIELDS - 1), fields.slice(ARN_FIELDS - 1).join(":")];
};

function refuseVariables(text: string) {
  const variable = /\$\{(?![*?$]\})[^}]*\}/.exec(text);
  if (variable !== null) throw new PolicyError(`${JSON.stringify(text)} uses the policy variable ${variable[0]}, which is not imitated.`);
}

export type { Pattern };
export { compileArn, compileGlob, PolicyError };
