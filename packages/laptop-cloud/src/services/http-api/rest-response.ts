import { isObject } from "../../kernel/json";
import { type HttpAnswer, MalformedResponse, parseResult, readBody, readHeaders, readStatus } from "./function-response";
import { isBinary } from "./media-type";

/**
 * Parses a function's result by payload format 1.0. A base64 body is decoded if the client accepts a binary media type.
 *
 * Behaves as "Output format of a Lambda function for proxy integration". Throws `MalformedResponse`, which names what is wrong.
 */
const parseRestResponse = (payload: string, accept: string | undefined, binaryMediaTypes: readonly string[]): HttpAnswer => {
  const result = parseResult(payload);
  if (!isObject(result)) throw new MalformedResponse("it is not an object");
  const { statusCode, headers, multiValueHeaders, body, isBase64Encoded } = result;
  const single = readHeaders(headers ?? {});
  const multiple = readMultiValueHeaders(multiValueHeaders ?? {});
  const isDecoded = isBase64Encoded === true && isBinary(accept, binaryMediaTypes);
  return {
    status: readStatus(statusCode ?? 200),
    headers: { "content-type": "application/json", ...single, ...multiple },
    cookies: [],
    body: readBody(body ?? "", isDecoded),
  };
};

const readMultiValueHeaders = (value: unknown): Record<string, string[]> => {
  if (!isObject(value)) throw new MalformedResponse(`its multiValueHeaders are ${JSON.stringify(value)}`);
  const lists = Object.entries(value).map(([name, list]): [string, string[]][] => {
    if (!Array.isArray(list)) throw new MalformedResponse(`its header ${name} is ${JSON.stringify(list)}, but must be a list`);
    const values = list.flatMap(each => Object.values(readHeaders({ [name]: each })));
    return values.length === 0 ? [] : [[name.toLowerCase(), values]];
  });
  return Object.fromEntries(lists.flat());
};

export { parseRestResponse };
