/** Parses `application/x-www-form-urlencoded` bodies in which every key has one value. */
import { BadRequest, TooLarge } from "#core/errors";
import { buildQuote } from "#core/quote";

/** Far more than Slack sends, which is about fifteen. */
const MAX_PARAMETERS = 1000;

type Form = ReadonlyMap<string, string>;

/**
 * Reads the pairs of a body in order. Takes malformed escapes and invalid UTF-8 literally, as browsers do. Throws `TooLarge` for more than
 * 1,000 parameters, before it decodes any.
 */
const parsePairs = (rawBody: Buffer): [string, string][] => {
  const body = rawBody.toString("utf8");
  let parameters = 1;
  for (let at = body.indexOf("&"); at !== -1; at = body.indexOf("&", at + 1)) parameters += 1;
  if (parameters > MAX_PARAMETERS) throw new TooLarge(`The form has ${parameters} parameters; this door takes ${MAX_PARAMETERS}.`);
  return [...new URLSearchParams(body)];
};

/** Parses a form. Throws `BadRequest` if a key is repeated or a list (`text[]`), `TooLarge` as above. */
const parseForm = (rawBody: Buffer): Form => {
  const form = new Map<string, string>();
  for (const [key, value] of parsePairs(rawBody)) {
    if (key.includes("[")) throw new BadRequest(`The parameter ${buildQuote(key)} is a list; this door takes single values.`);
    if (form.has(key)) throw new BadRequest(`The parameter ${buildQuote(key)} comes more than once.`);
    form.set(key, value);
  }
  return form;
};

/** Reads all values of one key and ignores the others. Throws `TooLarge` as above. */
const parseValues = (rawBody: Buffer, key: string): string[] =>
  parsePairs(rawBody).flatMap(([name, value]) => (name === key ? [value] : []));

export type { Form };
export { MAX_PARAMETERS, parseForm, parseValues };
