import { randomUUID } from "node:crypto";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import { AwsError } from "../kernel/aws-error";
import type { Caller } from "../kernel/caller";
import { type Calls, recordedCaller } from "../kernel/calls";
import type { Clock } from "../kernel/clock";
import { readBody } from "../kernel/http";
import type { RestReply } from "../kernel/service";

/** How long the fallback endpoint may send and accept nothing, milliseconds. Streams may take longer in all. */
const SILENCE_LIMIT_MS = 60_000;

/** Maximum size of a form, which is read into memory because it holds the operation's name. No AWS service takes as much. */
const MAX_FORM_BYTES = 16 * 1024 * 1024;

/** Headers of one connection, which are not passed on. This server has already answered `Expect: 100-continue`. */
const CONNECTION_HEADERS = ["connection", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

interface FallbackOptions {
  url: string;
  calls: Calls;
  clock: Clock;
  silenceLimitMs?: number;
}

/** A request to pass on. */
interface FallbackRequest {
  service: string;
  operation: string;
  incoming: IncomingMessage;
  body: Readable;
}

/**
 * Another emulator (`AWS_FALLBACK_ENDPOINT`), for services that the laptop cloud does not have. Requests and answers pass unchanged, as streams;
 * `Host` too, because the signature covers it. The other emulator knows neither the program's roles nor the laptop's clock.
 */
class Fallback {
  constructor(private readonly options: FallbackOptions) {}

  async prepare(incoming: IncomingMessage, service: string) {
    const isForm = incoming.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
    const form = isForm ? await readBody(incoming, MAX_FORM_BYTES) : undefined;
    const operation = operationOf(incoming, form?.toString("utf8") ?? "");
    const request = { service, operation, incoming, body: form === undefined ? incoming : Readable.from([form]) };
    return { service, operation, read: async () => (caller: Caller, signal: AbortSignal) => this.#pass(request, caller, signal) };
  }

  /** Throws `AwsError` BadGateway if the endpoint can't be reached, breaks off, or is silent for too long. */
  async #pass(request: FallbackRequest, caller: Caller, signal: AbortSignal): Promise<RestReply> {
    const startedMs = performance.now();
    let error: string | null = "BadGateway";
    try {
      const answer = await this.#send(request, signal);
      error = errorOf(answer);
      return {
        status: answer.statusCode!,
        headers: Object.fromEntries(passedHeaders(answer).map(([name, values]) => [name, values.join(", ")])),
        body: Readable.from(this.#readAnswer(answer, request.service), { objectMode: false }),
      };
    } finally {
      this.#record(request, caller, error, performance.now() - startedMs);
    }
  }

  #send({ service, incoming, body }: FallbackRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { url, silenceLimitMs = SILENCE_LIMIT_MS } = this.options;
    const { protocol, hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const outgoing = (protocol === "https:" ? requestHttps : requestHttp)(
        {
          hostname: hostname.replace(/^\[|\]$/g, ""),
          port,
          method: incoming.method,
          path: incoming.url,
          headers: buildHeaders(incoming),
          // A kept connection could be closed by the other side at the moment when it is used again.
          agent: false,
          signal,
        },
        resolve,
      );
      outgoing.setTimeout(silenceLimitMs, () => outgoing.destroy(new Error(`it was silent for ${silenceLimitMs / 1000} s`)));
      outgoing.on("error", error => {
        // The client reads the answer only when it has sent everything.
        body.unpipe(outgoing);
        body.resume();
        reject(incoming.destroyed && !incoming.complete ? error : this.#badGateway(service, error));
      });
      body.once("error", error => outgoing.destroy(error));
      body.pipe(outgoing);
    });
  }

  async *#readAnswer(answer: IncomingMessage, service: string) {
    try {
      yield* answer as AsyncIterable<Buffer>;
    } catch (error) {
      throw this.#badGateway(service, error as Error);
    }
  }

  #badGateway(service: string, { message }: Error) {
    return new AwsError(
      "BadGateway",
      `The laptop cloud passes calls of ${service} on to ${this.options.url} (AWS_FALLBACK_ENDPOINT), which does not answer: ${message}.`,
      502,
    );
  }

  #record({ service, operation }: FallbackRequest, caller: Caller, error: string | null, ms: number) {
    this.options.calls.record({
      id: randomUUID(),
      atMs: this.options.clock.nowMs(),
      ...recordedCaller(caller),
      service,
      operation,
      action: `${service}:${operation}`,
      resource: null,
      allowed: true,
      checks: [],
      error,
      ms: Math.round(ms * 1000) / 1000,
      fallback: true,
    });
  }
}

/** `PutRecord`, or method and path for a service with a REST protocol. */
const operationOf = ({ headers, method, url = "/" }: IncomingMessage, form: string): string => {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return target.split(".").at(-1)!;
  const { pathname, searchParams } = new URL(url, "http://aws");
  return new URLSearchParams(form).get("Action") ?? searchParams.get("Action") ?? `${method} ${pathname}`;
};

/** In Node's form for repeated headers: names and values in turn. */
const buildHeaders = (incoming: IncomingMessage): string[] => {
  const headers = passedHeaders(incoming).flatMap(([name, values]) => values.flatMap(value => [name, value]));
  return "transfer-encoding" in incoming.headers ? [...headers, "transfer-encoding", "chunked"] : headers;
};

const passedHeaders = ({ headersDistinct }: IncomingMessage): [name: string, values: string[]][] =>
  Object.entries(headersDistinct).filter((entry): entry is [string, string[]] => !CONNECTION_HEADERS.includes(entry[0]));

/** The error code of an answer. Where only the body has the code, the status. */
const errorOf = ({ statusCode = 0, headers }: IncomingMessage): string | null =>
  statusCode < 400 ? null : (/^[^:]+/.exec(String(headers["x-amzn-errortype"] ?? ""))?.[0] ?? `status ${statusCode}`);

export { Fallback };
