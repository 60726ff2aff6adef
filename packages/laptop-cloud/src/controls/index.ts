import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../kernel/aws-error";
import { allowMethods, answerJson, HttpError, parseJsonObject, quote, readBody, refuseUnknownFields } from "../kernel/http";
import type { Program } from "../kernel/program";
import type { Cloud, ServiceDefinition } from "../kernel/service";
import { Activity } from "./activity";
import { readItems } from "./items";
import { readLogs } from "./logs";
import { putObject, readBucket, readExecution, readMachine, readQueue, readService, readTimers } from "./places";
import { redrive } from "./redrive";
import { showInventory } from "./shown";
import { Stream } from "./stream";
import { traceMessage, traceRoot } from "./traces";

const largestBytes = 64 * 1024;
const largestObjectBytes = 100 * 1024 * 1024;

/** A clock that is moved further leaves the years that dates can hold. */
const mostSeconds = 100 * 366 * 86_400;

/**
 * The laptop's controls, at `{page}/control`: clock and weather to be changed, dead letters to be redriven, what the program is and
 * what lies and happens in each of its places to be read, and a stream of what happens. The page uses them; so may tests and people.
 */
const createControls = (program: () => Program): ServiceDefinition => ({
  name: "controls",
  resources: {},
  always: true,
  create: cloud => {
    const stream = new Stream(cloud);
    const activity = new Activity(cloud);
    // From the beginning: services that take up their work may do so before the controls stand.
    activity.start();
    return {
      operations: {},
      start: async () => {
        const routes = buildRoutes(cloud, program(), stream, activity);
        stream.start();
        cloud.mount("/control", (request, response) => serve(routes, request, response));
      },
      stop: async () => {
        activity.stop();
        stream.stop();
      },
    };
  },
});

type Handle = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => Promise<void>;

const buildRoutes = (cloud: Cloud, program: Program, stream: Stream, activity: Activity): Record<string, Handle> => ({
  clock: async (request, response) => {
    allowMethods(request, "GET", "POST");
    if (request.method === "POST") await walk(cloud, parseJsonObject(await readBody(request, largestBytes)));
    answerJson(response, { nowMs: cloud.clock.nowMs(), nextMs: cloud.clock.nextMs() ?? null });
  },
  weather: async (request, response) => {
    allowMethods(request, "GET", "POST");
    if (request.method === "POST") change(cloud, parseJsonObject(await readBody(request, largestBytes)));
    answerJson(response, cloud.weather.report);
  },
  inventory: reading(async () => showInventory(cloud.inventory, program)),
  permissions: reading(async () => cloud.usage()),
  calls: reading(async query => {
    const name = query.get("function");
    return name === null ? cloud.calls.all() : cloud.calls.all().filter(call => call.function === name);
  }),
  traces: reading(async query => {
    const [message, trace] = [query.get("message"), query.get("trace")];
    if (message !== null) return traceMessage(cloud, message);
    if (trace !== null) return traceRoot(cloud, trace);
    throw new HttpError(400, "invalid_arguments", "Want message=ID (of the CloudEvent) or trace=ROOT.");
  }),
  items: reading(async query => readItems(cloud, query.get("table") ?? "", parseLimit(query.get("limit")))),
  logs: reading(async query => readLogs(cloud, query.get("function") ?? "")),
  activity: reading(async () => activity.read()),
  invocations: reading(async query => activity.invocations(query.get("function") ?? "")),
  queue: reading(async query => readQueue(cloud, query.get("name"))),
  bucket: reading(async query => readBucket(cloud, query.get("name"))),
  machine: reading(async query => readMachine(cloud, query.get("name"))),
  execution: reading(async query => readExecution(cloud, query.get("arn"))),
  service: reading(async query => readService(cloud, query.get("name"))),
  timers: reading(async () => readTimers(cloud)),
  object: async (request, response, query) => {
    allowMethods(request, "POST");
    const bytes = await readBody(request, largestObjectBytes);
    answerJson(response, await putObject(cloud, query.get("bucket"), query.get("key") ?? "", bytes));
  },
  redrive: async (request, response) => {
    allowMethods(request, "POST");
    const input = parseJsonObject(await readBody(request, largestBytes));
    refuseUnknownFields(input, ["queue"]);
    answerJson(response, await redrive(cloud, String(input["queue"])));
  },
  stream: async (request, response) => {
    allowMethods(request, "GET");
    stream.add(response);
  },
});

const reading =
  (read: (query: URLSearchParams) => Promise<unknown>): Handle =>
  async (request, response, query) => {
    allowMethods(request, "GET");
    answerJson(response, await read(query));
  };

const parseLimit = (limit: string | null): number | undefined => {
  if (limit === null) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new HttpError(400, "invalid_arguments", `limit is ${quote(limit)}: want 1 to 9999.`);
  return Number(limit);
};

const walk = (cloud: Cloud, input: Record<string, unknown>) => {
  refuseUnknownFields(input, ["advanceSeconds"]);
  const seconds = input["advanceSeconds"];
  if (typeof seconds !== "number" || !(seconds >= 0 && seconds <= mostSeconds))
    throw new HttpError(
      400,
      "invalid_arguments",
      `advanceSeconds is ${quote(seconds)}: want a number of seconds from 0 to ${mostSeconds}.`,
    );
  return cloud.clock.walk(seconds);
};

/** What the weather can kill, by resource type. */
const mortalTypes = ["aws:lambda/function:Function", "awsx:ecs:FargateService"];

const change = (cloud: Cloud, input: Record<string, unknown>) => {
  const victim = (input["kill"] as { function?: unknown } | null | undefined)?.function;
  const names = mortalTypes.flatMap(type => cloud.inventory.ofType(type).map(({ name }) => name)).sort();
  if (typeof victim === "string" && !names.includes(victim)) {
    const known = names.length === 0 ? "the program has none" : `there are ${names.join(", ")}`;
    throw new HttpError(400, "invalid_arguments", `kill.function is ${quote(victim)}, which is no function of the program: ${known}.`);
  }
  try {
    return cloud.weather.change(input);
  } catch (error) {
    if (error instanceof TypeError) throw new HttpError(400, "invalid_arguments", error.message);
    throw error;
  }
};

const serve = async (routes: Record<string, Handle>, request: IncomingMessage, response: ServerResponse) => {
  const url = new URL(request.url ?? "/", "http://controls");
  const name = url.pathname.replace(/^\/control\/?/, "");
  try {
    const handle = Object.hasOwn(routes, name) ? routes[name] : undefined;
    if (handle === undefined)
      throw new HttpError(404, "not_found", `There is no control ${quote(name)}: there are ${Object.keys(routes).join(", ")}.`);
    await handle(request, response, url.searchParams);
  } catch (error) {
    if (!(error instanceof HttpError || error instanceof AwsError)) throw error;
    answerJson(response, { error: error.code, message: error.message }, error.status, error.headers);
  }
};

export { createControls };
