import { AwsError } from "./aws-error";
import type { Call } from "./service";

/** Throws `AwsError` ValidationException that names the first parameter that is not imitated. */
const refuseUnknownParameters = (call: Call, input: object, known: readonly string[]) => {
  const unknown = Object.keys(input).find(name => !known.includes(name));
  if (unknown === undefined) return;
  throw new AwsError(
    "ValidationException",
    `The laptop cloud does not imitate the parameter ${unknown} of ${call.service}:${call.operation}. It knows ${known.join(", ")}.`,
  );
};

export { refuseUnknownParameters };
