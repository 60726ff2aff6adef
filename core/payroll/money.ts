/** Exact decimals and money, as integers of the smallest unit. */

/**
 * Parses a decimal without sign or exponent as an integer of its last place: "37.5" with 2 places is 3750. Accepts ".5" and "40." too.
 * Returns undefined for anything else.
 */
const parseDecimal = (text: string, wholeDigits: number, places: number): number | undefined => {
  const [, whole = "", fraction = ""] = /^([0-9]*)(?:\.([0-9]*))?$/.exec(text) ?? [];
  if (whole + fraction === "" || whole.length > wholeDigits || fraction.length > places) return undefined;
  return Number(whole + fraction.padEnd(places, "0"));
};

/** Divides two non-negative integers and rounds half up. */
const divideHalfUp = (dividend: number, divisor: number): number => Math.floor((2 * dividend + divisor) / (2 * divisor));

/** Formats an integer as a plain decimal for machines: 123456 with 2 places is "1234.56". */
const buildDecimal = (value: number, places = 2): string => {
  const digits = String(value).padStart(places + 1, "0");
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
};

/** Formats an amount for people: "1,234.56". */
const buildAmount = (cents: number): string => buildDecimal(cents).replace(/\B(?=(?:[0-9]{3})+\.)/g, ",");

export { buildAmount, buildDecimal, divideHalfUp, parseDecimal };
