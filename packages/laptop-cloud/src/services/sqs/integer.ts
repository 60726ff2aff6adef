import { invalidValue } from "./errors";

/** Reads an optional whole number of a request. Throws `AwsError` InvalidParameterValue outside `least` to `most`. */
const parseInteger = (value: unknown, parameter: string, least: number, most: number): number | undefined => {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) return number;
  throw invalidValue(value, parameter, `Must be between ${least} and ${most}, if provided.`);
};

export { parseInteger };
