/** Parses untrusted JSON. */
import { BadRequest } from "#core/errors";
import { buildQuote } from "#core/quote";

/** An object with properties of unknown types. */
type JsonObject = Readonly<Record<string, unknown>>;

const isJsonObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** Parses a body that must be a JSON object. Throws `BadRequest`, also for a byte-order mark. */
const parseJsonObject = (rawBody: Buffer): JsonObject => {
  let value: unknown;
  try {
    value = JSON.parse(rawBody.toString("utf8"));
  } catch (cause) {
    throw new BadRequest("The body is not JSON.", { cause });
  }
  if (!isJsonObject(value)) throw new BadRequest(`The body is ${buildQuote(value)}, not a JSON object.`);
  return value;
};

export type { JsonObject };
export { isJsonObject, parseJsonObject };
