import { createHash, randomUUID } from "node:crypto";
import { Failure } from "./failure";
import { isEqualJson, isJsonObject, type Json } from "./json";

type Intrinsic = (...args: Json[]) => Json;

/** Limits of intrinsic functions: items of a created list, and characters of text to encode or hash. */
const MAX_ITEMS = 1000;
const MAX_TEXT_LENGTH = 10_000;

/** "Intrinsics for JSONPath states in Step Functions". Each throws `Failure` States.IntrinsicFailure for invalid arguments. */
const intrinsics: Record<string, Intrinsic> = {
  "States.Array": (...items) => items,
  "States.ArrayContains": (list, value) => asList(list).some(item => isEqualJson(item, required(value))),
  "States.ArrayGetItem": (list, index) => {
    const item = asList(list)[asInteger(index)];
    if (item === undefined) throw refuse(`there is no item ${index}`);
    return item;
  },
  "States.ArrayLength": list => asList(list).length,
  "States.ArrayPartition": (list, size) => {
    const items = asList(list);
    const sizeItems = asInteger(size);
    if (sizeItems < 1) throw refuse("a chunk must have at least one item");
    return Array.from({ length: Math.ceil(items.length / sizeItems) }, (_, index) =>
      items.slice(index * sizeItems, (index + 1) * sizeItems),
    );
  },
  "States.ArrayRange": (first, last, step) => {
    const [from, to, by] = [asInteger(first), asInteger(last), asInteger(step)];
    if (by === 0) throw refuse("the step is 0");
    const length = Math.max(0, Math.floor((to - from) / by) + 1);
    if (length > MAX_ITEMS) throw refuse(`the range has ${length} items, more than ${MAX_ITEMS}`);
    return Array.from({ length }, (_, index) => from + index * by);
  },
  "States.ArrayUnique": list => {
    const items = asList(list);
    return items.filter((item, index) => items.findIndex(other => isEqualJson(other, item)) === index);
  },
  "States.Base64Decode": text => Buffer.from(asText(text, MAX_TEXT_LENGTH), "base64").toString("utf8"),
  "States.Base64Encode": text => Buffer.from(asText(text, MAX_TEXT_LENGTH)).toString("base64"),
  "States.Format": (template, ...values) => {
    const parts = asText(template).split("{}");
    if (parts.length - 1 !== values.length) throw refuse(`${values.length} values for ${parts.length - 1} places`);
    return parts.map((part, index) => part + (index < values.length ? toText(values[index]!) : "")).join("");
  },
  "States.Hash": (data, algorithm) => {
    const name = asText(algorithm);
    if (!hashes.includes(name)) throw refuse(`${JSON.stringify(name)} is not one of ${hashes.join(", ")}`);
    const text = typeof data === "string" ? data : JSON.stringify(required(data));
    return createHash(name.replace("SHA-1", "SHA1").replace("-", "").toLowerCase()).update(asText(text, MAX_TEXT_LENGTH)).digest("hex");
  },
  "States.JsonMerge": (first, second, deep) => {
    if (deep !== false) throw refuse("only a shallow merge is supported (the third argument must be false)");
    if (!isJsonObject(first) || !isJsonObject(second)) throw refuse("both arguments must be objects");
    return { ...first, ...second };
  },
  "States.JsonToString": value => JSON.stringify(required(value)),
  "States.MathAdd": (a, b) => asInteger(a) + asInteger(b),
  "States.MathRandom": (from, to) => {
    const [low, high] = [asInteger(from), asInteger(to)];
    if (low > high) throw refuse("the first number is greater than the second");
    return low + Math.floor(Math.random() * (high - low));
  },
  "States.StringSplit": (text, separators) => {
    const characters = new Set(asText(separators));
    const parts: string[] = [""];
    for (const character of asText(text)) {
      if (characters.has(character)) parts.push("");
      else parts[parts.length - 1] += character;
    }
    return parts.filter(part => part !== "");
  },
  "States.StringToJson": text => {
    try {
      return JSON.parse(asText(text)) as Json;
    } catch {
      throw refuse(`${JSON.stringify(text)} is not JSON`);
    }
  },
  "States.UUID": () => randomUUID(),
};

const hashes = ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"];

const refuse = (why: string) => new Failure("States.IntrinsicFailure", `An intrinsic function can't take its arguments: ${why}.`);

const required = (value: Json | undefined): Json => {
  if (value === undefined) throw refuse("one is missing");
  return value;
};

const asList = (value: Json | undefined): Json[] => {
  if (!Array.isArray(value)) throw refuse(`${JSON.stringify(value)} is not an array`);
  return value;
};

const asText = (value: Json | undefined, maxLength = Number.POSITIVE_INFINITY): string => {
  if (typeof value !== "string") throw refuse(`${JSON.stringify(value)} is not a string`);
  if (value.length > maxLength) throw refuse(`a string has more than ${maxLength} characters`);
  return value;
};

const asInteger = (value: Json | undefined): number => {
  // "The integer arguments can be decimals; they are rounded."
  if (typeof value !== "number") throw refuse(`${JSON.stringify(value)} is not a number`);
  return Math.round(value);
};

const toText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

export { intrinsics };
