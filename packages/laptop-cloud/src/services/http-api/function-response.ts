import { validateHeaderName, validateHeaderValue } from "node:http";
import { isObject } from "../../kernel/json";

/** The response to the client. */
interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  cookies: string[];
  body: Buffer;
}

/** A function's response that API Gateway can't read. */
class MalformedResponse extends Error {
  override name = "MalformedResponse";
}

/** Connection headers, which the gateway sets itself. */
const connectionHeaders = new Set(["connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]);

/**
 * Parses a function's result by payload format 2.0: with a `statusCode` it is a response, without one it is the body of
 * a 200, as JSON. Throws `MalformedResponse`, which names what is wrong.
 */
const parseFunctionResponse = (payload: string): HttpAnswer => {
  const result = parseResult(payload);
  if (!isObject(result) || result["statusCode"] === undefined) {
    const body = typeof result === "string" ? result : payload;
    return { status: 200, headers: { "content-type": "application/json" }, cookies: [], body: Buffer.from(body) };
  }
  const headers = readHeaders(result["headers"] ?? {});
  return {
    status: readStatus(result["statusCode"]),
    headers: { "content-type": "text/plain;charset=UTF-8", ...headers },
    cookies: readCookies(result["cookies"] ?? []),
    body: readBody(result["body"] ?? "", result["isBase64Encoded"] === true),
  };
};

/** Throws `MalformedResponse`. */
const parseResult = (payload: string): unknown => {
  if (payload === "") return null;
  try {
    return JSON.parse(payload);
  } catch (cause) {
    throw new MalformedResponse("it is not JSON", { cause });
  }
};

const readStatus = (value: unknown): number => {
  const status = Number(value);
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new MalformedResponse(`its statusCode is ${JSON.stringify(value)}`);
  return status;
};

const readHeaders = (value: unknown): Record<string, string> => {
  if (!isObject(value)) throw new MalformedResponse(`its headers are ${JSON.stringify(value)}`);
  const entries = Object.entries(value).map(([name, header]): [string, string] => {
    if (typeof header === "object") throw new MalformedResponse(`its header ${name} is ${JSON.stringify(header)}`);
    verifyHeader(name, String(header));
    return [name.toLowerCase(), String(header)];
  });
  return Object.fromEntries(entries.filter(([name]) => !connectionHeaders.has(name)));
};

const verifyHeader = (name: string, value: string) => {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (cause) {
    throw new MalformedResponse(`its header ${JSON.stringify(name)} is ${JSON.stringify(value)}`, { cause });
  }
};

const readCookies = (value: unknown): string[] => {
  if (!Array.isArray(value) || value.some(cookie => typeof cookie !== "string"))
    throw new MalformedResponse(`its cookies are ${JSON.stringify(value)}`);
  for (const cookie of value) verifyHeader("set-cookie", cookie);
  return value;
};

const readBody = (value: unknown, isBase64Encoded: boolean): Buffer => {
  if (typeof value !== "string") throw new MalformedResponse("its body is not a string");
  return Buffer.from(value, isBase64Encoded ? "base64" : "utf8");
};

export type { HttpAnswer };
export { MalformedResponse, parseFunctionResponse, parseResult, readBody, readHeaders, readStatus };
