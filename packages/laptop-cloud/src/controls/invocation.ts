/** The inside of one invocation, and running it again. */
import { isUtf8 } from "node:buffer";
import { administrator, pageReader } from "../kernel/caller";
import { HttpError, quote } from "../kernel/http";
import { isObject } from "../kernel/json";
import { secretMask } from "../kernel/program";
import type { Cloud } from "../kernel/service";
import type { ControlCommands, InvocationReport, LogLine } from "../protocol";
import { findResource } from "./find-resource";
import type { Hide } from "./mask";

/** Which invocation: the function's Pulumi name, the request id, and the attempt, from 1. */
interface InvocationKey {
  function: string;
  requestId: string;
  attempt: number;
}

interface Presentation {
  hide: Hide;
  /** Replaces positions in bundles by those in the sources. */
  toSources(text: string): string;
}

/** Reads one invocation. Throws `HttpError` 404, `AwsError` if it is no longer kept. */
const readInvocation = async (cloud: Cloud, key: InvocationKey, { hide, toSources }: Presentation): Promise<InvocationReport> => {
  const { event, result } = await readKept(cloud, key);
  const hideText = (text: string) => toSources(hide(text) as string);
  const { stack = [], ...rest } = result === undefined ? {} : splitStack(JSON.parse(result));
  return {
    event: JSON.stringify(hideEvent(decodeBody(JSON.parse(event)), hide)),
    result: "result" in rest ? JSON.stringify(hide(rest.result)) : null,
    stack: stack.map(hideText),
    logs: readLines(cloud, key).map(line => ({ ...line, message: hideText(line.message) })),
  };
};

/** Invokes the function with an edited event. Throws `HttpError` 400 and 404, `AwsError` 429. */
const runAgain = async (
  cloud: Cloud,
  { event, ...key }: ControlCommands["run-again"]["body"],
  hide: Hide,
): Promise<ControlCommands["run-again"]["answer"]> => {
  const edited = parseEvent(event);
  const kept: unknown = JSON.parse((await readKept(cloud, key)).event);
  const original = decodeBody(kept);
  const restored = restoreSecrets(edited, hideEvent(original, hide), original);
  const Payload = JSON.stringify(original === kept ? restored : encodeBody(restored));
  const { RequestId } = await cloud.call("lambda", "laptop:RunAgain", { ...toInput(cloud, key), Payload }, administrator);
  return { requestId: RequestId };
};

const parseEvent = (event: string): unknown => {
  try {
    return JSON.parse(event);
  } catch (error) {
    throw new HttpError(400, "invalid_arguments", `event is ${quote(event)}, but must be JSON: ${(error as Error).message}`);
  }
};

const readKept = (cloud: Cloud, key: InvocationKey): Promise<{ event: string; result?: string }> =>
  cloud.call("lambda", "laptop:ReadInvocation", toInput(cloud, key), pageReader);

const toInput = (cloud: Cloud, { function: name, requestId, attempt }: InvocationKey) => {
  const { outputs } = findResource(cloud.inventory, "aws:lambda/function:Function", name, "function");
  return { FunctionName: outputs["name"], RequestId: requestId, Attempt: attempt };
};

/** Takes the stack out of an error in Lambda's form. */
const splitStack = (result: unknown): { result: unknown; stack?: string[] } => {
  if (!isObject(result) || typeof result["errorType"] !== "string" || !Array.isArray(result["trace"])) return { result };
  const { trace, ...error } = result;
  return { result: error, stack: (trace as unknown[]).map(String) };
};

/** The lines that it logged. An attempt's lines come after its beginning, and before that of the next attempt. */
const readLines = ({ occurrences }: Cloud, { function: name, requestId, attempt }: InvocationKey): LogLine[] => {
  const lines: LogLine[] = [];
  let current = 0;
  for (const { kind, from, to, atMs, detail = {} } of occurrences.all()) {
    if (detail["requestId"] !== requestId) continue;
    if (kind === "invoke" && to === name) current = Number(detail["attempt"]);
    if (kind === "log" && from === name && current === attempt) lines.push({ atMs, stream: "", message: String(detail["line"]) });
  }
  return lines;
};

/** Headers that carry secrets which the program does not declare, such as tokens of people. */
const SECRET_HEADERS = ["authorization", "cookie", "x-api-key"];

/** Masks secrets in an event, also in the headers of an HTTP request. */
const hideEvent = (event: unknown, hide: Hide): unknown => {
  const hidden = hide(event);
  if (!isObject(hidden)) return hidden;
  const { headers, cookies } = hidden;
  return {
    ...hidden,
    ...(isObject(headers) ? { headers: hideHeaders(headers) } : {}),
    ...(cookies === undefined ? {} : { cookies: secretMask }),
  };
};

/** An HTTP request whose base64 is text, as a person reads and edits it. Other events stay as they are. */
const decodeBody = (event: unknown): unknown => {
  if (!isObject(event) || event["isBase64Encoded"] !== true || typeof event["body"] !== "string") return event;
  const bytes = Buffer.from(event["body"], "base64");
  return isUtf8(bytes) ? { ...event, body: bytes.toString("utf8") } : event;
};

const encodeBody = (event: unknown): unknown =>
  isObject(event) && event["isBase64Encoded"] === true ? { ...event, body: Buffer.from(String(event["body"])).toString("base64") } : event;

const hideHeaders = (headers: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, SECRET_HEADERS.includes(name.toLowerCase()) ? secretMask : value]),
  );

/** Puts the original value wherever the edited event still has what was shown. */
const restoreSecrets = (edited: unknown, shown: unknown, original: unknown): unknown => {
  if (JSON.stringify(edited) === JSON.stringify(shown)) return original;
  if (typeof edited === "string") return typeof shown === "string" ? restoreInText(edited, shown, String(original)) : edited;
  if (Array.isArray(edited) && Array.isArray(shown) && Array.isArray(original))
    return edited.map((item, index) => restoreSecrets(item, shown[index], original[index]));
  if (!isObject(edited) || !isObject(shown) || !isObject(original)) return edited;
  return Object.fromEntries(Object.entries(edited).map(([key, value]) => [key, restoreSecrets(value, shown[key], original[key])]));
};

/** Puts the secrets of the original back, in their order, where the edited text still has masks. */
const restoreInText = (edited: string, shown: string, original: string): string => {
  const secrets: string[] = [];
  const [first = "", ...parts] = shown.split(secretMask);
  let at = first.length;
  for (const [index, part] of parts.entries()) {
    const end = index === parts.length - 1 ? original.length - part.length : original.indexOf(part, at);
    secrets.push(original.slice(at, end));
    at = end + part.length;
  }
  return edited.replaceAll(secretMask, mask => secrets.shift() ?? mask);
};

export type { InvocationKey, Presentation };
export { readInvocation, runAgain };
