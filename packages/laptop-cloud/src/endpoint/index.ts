import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { AwsError } from "../kernel/aws-error";
import { administrator, type Caller } from "../kernel/caller";
import { isDiskTrouble } from "../kernel/disk-trouble";
import type { Dispatcher } from "../kernel/dispatch";
import { HttpError, isHangUp, readBody } from "../kernel/http";
import type { Environment, Identities } from "../kernel/identities";
import { isPageOrigin } from "../kernel/origins";
import type { RestReply, RestRequest, ServiceDefinition, Wire } from "../kernel/service";
import type { Weather } from "../kernel/weather";
import { formatOf, guessFormat, writeError } from "./error-wire";
import type { Fallback } from "./fallback";
import { readQuery, writeQuery } from "./query-wire";
import { findRoute, type RouteMatch } from "./rest-wire";

/** The access key of the laptop's only administrator. Its secret may be anything. */
const administratorKey = "test";

/** Maximum size of a body that is read into memory, above DynamoDB's 16 MB and Lambda's 6 MB. S3 streams its bodies. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Headers for all answers: an S3 object that a browser opens runs no script, and the browser trusts its content type. */
const harmless = [
  ["content-security-policy", "sandbox"],
  ["x-content-type-options", "nosniff"],
] as const;

interface EndpointOptions {
  /** All imitated services. */
  definitions: readonly ServiceDefinition[];
  /** Names of the running services. */
  started: ReadonlySet<string>;
  dispatcher: Dispatcher;
  identities: Identities;
  weather: Weather;
  pageUrl: string;
  /** For services that are not imitated. */
  fallback?: Fallback;
  /** The time as functions see it, in milliseconds. */
  nowMs: () => number;
}

/** Who sends a request, and to which service. */
interface Credential {
  accessKey: string;
  service: string;
}

/** A request whose operation is known. `read` reads the rest of it, and returns how to run it. */
interface Asked {
  service: string;
  operation: string;
  read(): Promise<(caller: Caller, signal: AbortSignal) => Promise<RestReply>>;
}

/** A request to an imitated service, in its protocol. */
interface Parsed {
  operation: string;
  read(): Promise<object>;
  write(output: object): RestReply;
}

/**
 * The AWS endpoint: all services on one port, each in its own protocol. The credential scope of the signature names the service.
 *
 * Differs from AWS: signatures are not verified. The access key (`test`) or the session token identifies the caller.
 */
class Endpoint {
  constructor(private readonly options: EndpointOptions) {}

  async handle(request: IncomingMessage, response: ServerResponse) {
    const requestId = randomUUID();
    response.setHeader("x-amzn-requestid", requestId);
    for (const [name, value] of harmless) response.setHeader(name, value);
    let format = guessFormat(request, undefined);
    try {
      const credential = this.#readUnsigned(request) ?? readCredential(request);
      const definition = this.options.definitions.find(({ name }) => name === credential.service);
      format = definition?.wire === undefined ? guessFormat(request, credential.service) : formatOf(definition.wire, request);
      this.#refuseForeignPage(request.headers.origin, definition?.wire);
      const ask = this.#prepare(credential.service, definition);
      const environment = this.#environmentOf(request, credential.accessKey);
      // If the Date header is far from its own time, the SDK assumes a wrong clock and retries each failed call once.
      if (environment !== undefined) response.setHeader("date", new Date(this.options.nowMs()).toUTCString());
      const caller = environment?.caller(headerOf(request, "x-amzn-trace-id")) ?? administrator;
      await this.#answer(await ask(request, requestId), caller, environment, request, response);
    } catch (error) {
      if (isHangUp(request, error)) return;
      writeError(response, format, toAwsError(error), requestId);
    }
  }

  /** Some services have calls without a signature, such as Cognito's InitiateAuth. Only the fallback endpoint has such services. */
  #readUnsigned(request: IncomingMessage): Credential | undefined {
    const target = headerOf(request, "x-amz-target")?.split(".", 1)[0];
    if (this.options.fallback === undefined || target === undefined || headerOf(request, "authorization") !== undefined) return undefined;
    const isOurs = this.options.definitions.some(({ wire }) => wire?.protocol === "aws-json" && wire.target === target);
    return isOurs ? undefined : { accessKey: administratorKey, service: target };
  }

  /** Throws `AwsError` AccessDenied. */
  #refuseForeignPage(origin: string | undefined, wire: Wire | undefined) {
    if (origin === undefined || isPageOrigin(this.options.pageUrl, origin) || (wire?.protocol === "rest" && wire.decidesOrigins)) return;
    throw new AwsError("AccessDenied", `The origin ${JSON.stringify(origin)} is not the page of this laptop cloud.`, 403);
  }

  /** Returns how to read a request of the service. Throws `AwsError` UnknownService. */
  #prepare(service: string, definition: ServiceDefinition | undefined): (request: IncomingMessage, requestId: string) => Promise<Asked> {
    const { fallback, dispatcher } = this.options;
    if (definition?.wire === undefined && fallback !== undefined) return async request => fallback.prepare(request, service);
    const wire = this.#wireOf(service, definition);
    return async (request, requestId) => {
      const { operation, read, write } = await readRequest(request, service, wire, requestId);
      return {
        service,
        operation,
        read: async () => {
          const input = await read();
          return async (caller, signal) => write(await dispatcher.dispatch(service, operation, input, caller, signal));
        },
      };
    };
  }

  /** Throws `AwsError` UnknownService. */
  #wireOf(service: string, definition: ServiceDefinition | undefined): Wire {
    if (definition?.wire === undefined) {
      const served = this.options.definitions.filter(({ wire }) => wire !== undefined).map(({ name }) => name);
      throw new AwsError(
        "UnknownService",
        `The laptop cloud does not imitate the API of ${JSON.stringify(service)}. It knows ${served.sort().join(", ")}. AWS_FALLBACK_ENDPOINT can name another emulator for the rest.`,
        404,
      );
    }
    if (!this.options.started.has(service)) {
      const types = Object.keys(definition.resources).join(", ");
      throw new AwsError(
        "UnknownService",
        `The service ${service} is not started: the program declares no resource of the types ${types}.`,
        404,
      );
    }
    return definition.wire;
  }

  async #answer(asked: Asked, caller: Caller, environment: Environment | undefined, request: IncomingMessage, response: ServerResponse) {
    const count =
      environment === undefined || caller.kind !== "function"
        ? 0
        : environment.countCall(caller.invocation, `${asked.service}:${asked.operation}`);
    const killed = async (when: "before" | "after") => {
      if (environment === undefined || caller.kind !== "function" || !this.options.weather.takeKill(caller.function, count, when))
        return false;
      await environment.kill();
      request.destroy();
      return true;
    };
    const hungUp = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) hungUp.abort();
    });

    const run = await asked.read();
    if (await killed("before")) return;
    const outcome = await run(caller, hungUp.signal).then(
      reply => ({ reply }),
      (error: unknown) => ({ error }),
    );
    if (await killed("after")) return;
    if ("error" in outcome) throw outcome.error;
    await writeReply(response, outcome.reply);
  }

  /** Throws `AwsError` for a key or token that this start of the cloud did not issue. */
  #environmentOf(request: IncomingMessage, accessKey: string): Environment | undefined {
    if (accessKey === administratorKey) return undefined;
    const token = headerOf(request, "x-amz-security-token") ?? presignedToken(request);
    const environment = token === undefined ? undefined : this.options.identities.find(token);
    if (environment === undefined) {
      throw new AwsError(
        "UnrecognizedClientException",
        `The access key ${accessKey} is not known here, or its session token is of an earlier start. People use the access key "${administratorKey}".`,
        403,
      );
    }
    return environment;
  }
}

/** `Credential=KEY/DATE/REGION/SERVICE/aws4_request`, from the header or a presigned URL. */
const readCredential = (request: IncomingMessage): Credential => {
  if (!URL.canParse(request.url ?? "/", "http://aws"))
    throw new AwsError("InvalidRequest", `The address ${JSON.stringify(request.url)} is not a path.`, 400);
  const query = new URL(request.url ?? "/", "http://aws").searchParams;
  const presignedKey = query.get("AWSAccessKeyId");
  // AWS CLI 1 still presigns with Signature Version 2, which only S3 accepts.
  if (presignedKey !== null && query.has("Signature")) return { accessKey: presignedKey, service: "s3" };
  const scope = query.get("X-Amz-Credential") ?? /Credential=([^,\s]+)/.exec(headerOf(request, "authorization") ?? "")?.[1];
  // Browsers don't sign preflight requests, and only S3 answers them.
  if (scope === undefined && request.method === "OPTIONS") return { accessKey: administratorKey, service: "s3" };
  const parts = scope?.split("/") ?? [];
  if (parts.length < 5)
    throw new AwsError(
      "MissingAuthenticationToken",
      'The request is not signed. It must have an AWS Signature Version 4, such as with the access key "test".',
      403,
    );
  return { accessKey: parts.slice(0, -4).join("/"), service: parts.at(-2)! };
};

const presignedToken = (request: IncomingMessage): string | undefined => {
  const query = new URL(request.url ?? "/", "http://aws").searchParams;
  return query.get("X-Amz-Security-Token") ?? query.get("x-amz-security-token") ?? undefined;
};

const readRequest = async (request: IncomingMessage, service: string, wire: Wire, requestId: string): Promise<Parsed> => {
  const url = new URL(request.url ?? "/", "http://aws");
  switch (wire.protocol) {
    case "aws-json": {
      const target = headerOf(request, "x-amz-target");
      if (target === undefined)
        throw new AwsError(
          "UnknownOperationException",
          `The laptop cloud takes ${service} in AWS's JSON protocol only, and the request has no X-Amz-Target header.`,
          400,
        );
      const operation = target.split(".").at(-1)!;
      const contentType = `application/x-amz-json-${wire.version}`;
      return {
        operation,
        read: async () => parseJson(await readBody(request, MAX_BODY_BYTES)),
        write: output => ({ status: 200, headers: { "content-type": contentType }, body: JSON.stringify(output) }),
      };
    }
    case "query": {
      const form = new URLSearchParams((await readBody(request, MAX_BODY_BYTES)).toString("utf8"));
      for (const [name, value] of url.searchParams) form.append(name, value);
      const operation = form.get("Action") ?? "";
      return {
        operation,
        read: async () => readQuery(form),
        write: output => ({
          status: 200,
          headers: { "content-type": "text/xml" },
          body: writeQuery(operation, wire.version, service, output, requestId),
        }),
      };
    }
    case "rest": {
      const match = findRoute(wire.routes, {
        method: request.method ?? "GET",
        path: wire.readPath?.(request) ?? url.pathname,
        query: url.searchParams,
        headers: request.headers,
      });
      if (match === undefined)
        throw new AwsError(
          "UnknownOperationException",
          `The laptop cloud does not imitate ${request.method} ${url.pathname} of ${service}.`,
          501,
        );
      return readRest(request, url, match);
    }
  }
};

const readRest = async (request: IncomingMessage, url: URL, { route, parameters }: RouteMatch): Promise<Parsed> => {
  const rest: RestRequest = {
    method: request.method ?? "GET",
    path: url.pathname,
    parameters,
    query: url.searchParams,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: route.streams ? Buffer.alloc(0) : await readBody(request, MAX_BODY_BYTES),
    stream: request,
  };
  return {
    operation: route.operation,
    read: async () => (route.read ? route.read(rest) : { ...Object.fromEntries(rest.query), ...parseJson(rest.body), ...parameters }),
    write: output =>
      route.write?.(output, rest) ?? {
        status: route.status ?? 200,
        headers: { "content-type": "application/json" },
        body: route.status === 204 ? "" : JSON.stringify(output),
      },
  };
};

const parseJson = (body: Buffer): object => {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw new AwsError("SerializationException", "The body is not a JSON object.");
};

const writeReply = async (response: ServerResponse, { status, headers = {}, body = "" }: RestReply) => {
  if (typeof body === "string" || Buffer.isBuffer(body)) {
    const bytes = Buffer.from(body);
    response
      .writeHead(status, {
        ...headers,
        ...(status === 204 || status === 304 ? {} : { "content-length": headers["content-length"] ?? bytes.length }),
      })
      .end(bytes);
    return;
  }
  response.writeHead(status, headers);
  try {
    await pipeline(body, response);
  } catch (error) {
    // A client that disconnects during a download is not an error of ours.
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
};

/** Any other error is a bug in the laptop cloud: prints it, and answers InternalFailure as AWS does. */
const toAwsError = (error: unknown): AwsError => {
  if (error instanceof AwsError) return error;
  if (error instanceof HttpError) return new AwsError("RequestEntityTooLarge", error.message, error.status);
  if (isDiskTrouble(error)) return new AwsError("ServiceUnavailable", `The laptop cloud can't write this: ${error.message}.`, 503);
  console.error(error);
  return new AwsError("InternalFailure", "The laptop cloud failed on this call; its output says why.", 500);
};

const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
};

export { Endpoint };
