/** HTTP's `Accept` header. Source: https://www.rfc-editor.org/rfc/rfc9110.html#name-accept */

/** Matches one range against `type`. Returns its precision (from 0, a wildcard, to 2, the exact type) and its weight. */
const matchRange = (range: string, type: string): { precision: number; weight: number } | undefined => {
  const [name = "", ...parameters] = range.split(";").map(part => part.trim().toLowerCase());
  const precision = [`*/*`, `${type.split("/")[0]}/*`, type].indexOf(name);
  if (precision === -1) return undefined;
  const [, weight = "1"] = parameters.map(parameter => /^q\s?=\s?(\S+)$/.exec(parameter)).find(match => match !== null) ?? [];
  return { precision, weight: Number(weight) };
};

/** Tells whether a client accepts a type. Without the header, or with an empty one, it accepts anything. */
const isTypeAccepted = (type: string, accept = ""): boolean => {
  if (accept.trim() === "") return true;
  const matches = accept.split(",").flatMap(range => matchRange(range, type) ?? []);
  const [closest] = matches.sort((one, other) => other.precision - one.precision);
  return closest !== undefined && closest.weight !== 0;
};

export { isTypeAccepted };
