import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../kernel/aws-error";
import { allowMethods, answerJson, HttpError, parseJsonObject, quote, readBody, refuseUnknownFields } from "../kernel/http";
import type { Program } from "../kernel/program";
import type { Cloud, ServiceDefinition } from "../kernel/service";
import { type FindMap, mapPositions } from "../kernel/source-positions";
import type { ClockReport, ControlAnswers, ControlCommands } from "../protocol";
import { ActivityLog } from "./activity";
import { readAlarms } from "./alarms";
import { readExecution, readMachine, readQueue, readService, readTimers } from "./contents";
import { readFunctionMetrics } from "./function-metrics";
import { buildInventoryReport } from "./inventory-report";
import { readInvocation, runAgain } from "./invocation";
import { readItems } from "./items";
import { readLogs } from "./logs";
import { createMask } from "./mask";
import { putObject, readBucket, readObject, sendObject } from "./objects";
import { redrive } from "./redrive";
import { Stream } from "./stream";
import { traceMessage, traceRoot } from "./traces";

const MAX_BODY_BYTES = 64 * 1024;
/** An event of 6 MB, which is a string inside of JSON. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;
const MAX_OBJECT_BYTES = 100 * 1024 * 1024;

/** A larger step could leave the range of dates. */
const MAX_ADVANCE_SECONDS = 100 * 366 * 86_400;

const CLOCK_FIELDS = ["advanceSeconds", "now", "cancel"];
const REDRIVE_FIELDS: (keyof ControlCommands["redrive"]["body"])[] = ["queue"];

const RUN_AGAIN_FIELDS: (keyof ControlCommands["run-again"]["body"])[] = ["function", "requestId", "attempt", "event"];

/**
 * The laptop's controls, at `{page}/control`. They read the program, the contents and activity of its resources, and a stream of events; they
 * change clock and weather, redrive dead letters, and run invocations again. The page uses them, and tests and people can too.
 */
const createControls = (program: () => Program, findMap?: FindMap): ServiceDefinition => ({
  name: "controls",
  resources: {},
  always: true,
  create: cloud => {
    const stream = new Stream(cloud);
    const activity = new ActivityLog(cloud);
    // Started here, because services may resume their work before the controls start.
    activity.start();
    return {
      operations: {},
      start: async () => {
        const routes = buildRoutes({ cloud, program, stream, activity, findMap });
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

type Readers = { [Name in keyof ControlAnswers]: (query: URLSearchParams) => Promise<ControlAnswers[Name]> };

interface Parts {
  cloud: Cloud;
  program: () => Program;
  activity: ActivityLog;
  stream: Stream;
  findMap: FindMap | undefined;
}

const buildReaders = ({ cloud, program, activity, findMap }: Parts): Readers => ({
  clock: async () => readClock(cloud),
  weather: async () => cloud.weather.report,
  inventory: async () => buildInventoryReport(cloud.inventory, program()),
  permissions: async () => cloud.usage(),
  calls: async query => {
    const name = query.get("function");
    return name === null ? cloud.calls.all() : cloud.calls.all().filter(call => call.function === name);
  },
  traces: async query => {
    const [message, trace] = [query.get("message"), query.get("trace")];
    if (message !== null) return traceMessage(cloud, message);
    if (trace !== null) return traceRoot(cloud, trace);
    throw new HttpError(400, "invalid_arguments", "Want message=ID (of the CloudEvent) or trace=ROOT.");
  },
  items: async query =>
    readItems(cloud, {
      name: query.get("table") ?? "",
      limit: parseLimit(query.get("limit")),
      key: query.get("key") ?? undefined,
    }),
  logs: async query => readLogs(cloud, query.get("function") ?? ""),
  alarms: async () => readAlarms(cloud),
  activity: async () => activity.read(),
  "function-metrics": async query => readFunctionMetrics(cloud, query.get("function")),
  invocation: async query => {
    const key = { function: query.get("function") ?? "", requestId: query.get("id") ?? "", attempt: Number(query.get("attempt") ?? 1) };
    const toSources = (text: string) => (findMap === undefined ? text : mapPositions(text, cloud.directory, findMap));
    return readInvocation(cloud, key, { hide: createMask(cloud.inventory, program()), toSources });
  },
  invocations: async query => {
    const name = query.get("function");
    return name === null ? activity.running() : activity.invocations(name);
  },
  queue: async query => readQueue(cloud, query.get("name")),
  bucket: async query => readBucket(cloud, query.get("name")),
  "object-details": async query => readObject(cloud, query),
  machine: async query => readMachine(cloud, query.get("name")),
  execution: async query => readExecution(cloud, query.get("arn")),
  service: async query => readService(cloud, query.get("name")),
  timers: async () => readTimers(cloud),
});

const buildRoutes = (parts: Parts): Record<string, Handle> => ({
  ...buildReadRoutes(buildReaders(parts)),
  ...buildCommandRoutes(parts),
});

const buildCommandRoutes = ({ cloud, program, stream }: Parts): Record<string, Handle> => ({
  clock: async (request, response) => {
    allowMethods(request, "GET", "POST");
    if (request.method === "POST") await moveClock(cloud, parseJsonObject(await readBody(request, MAX_BODY_BYTES)));
    answerJson(response, readClock(cloud));
  },
  weather: async (request, response) => {
    allowMethods(request, "GET", "POST");
    if (request.method === "POST") changeWeather(cloud, parseJsonObject(await readBody(request, MAX_BODY_BYTES)));
    answerJson(response, cloud.weather.report);
  },
  object: async (request, response, query) => {
    allowMethods(request, "GET", "POST");
    if (request.method === "GET") return sendObject(cloud, query, { request, response });
    const bytes = await readBody(request, MAX_OBJECT_BYTES);
    // Browsers give the type of a file.
    const type = request.headers["content-type"];
    answerJson(response, await putObject(cloud, query.get("bucket"), { key: query.get("key") ?? "", bytes, type }));
  },
  redrive: async (request, response) => {
    allowMethods(request, "POST");
    const input = parseJsonObject(await readBody(request, MAX_BODY_BYTES));
    refuseUnknownFields(input, REDRIVE_FIELDS);
    answerJson(response, await redrive(cloud, String(input["queue"])));
  },
  "run-again": async (request, response) => {
    allowMethods(request, "POST");
    const input = parseJsonObject(await readBody(request, MAX_EVENT_BYTES));
    answerJson(response, await runAgain(cloud, readRunAgain(input), createMask(cloud.inventory, program())));
  },
  stream: async (request, response) => {
    allowMethods(request, "GET");
    stream.add(response);
  },
});

const buildReadRoutes = (readers: Readers): Record<string, Handle> =>
  Object.fromEntries(
    Object.entries(readers).map(([name, read]): [string, Handle] => [
      name,
      async (request, response, query) => {
        allowMethods(request, "GET");
        answerJson(response, await read(query));
      },
    ]),
  );

const readClock = ({ clock }: Cloud): ClockReport => ({
  nowMs: clock.nowMs(),
  nextMs: clock.nextMs() ?? null,
  targetMs: clock.targetMs ?? null,
});

const parseLimit = (limit: string | null): number | undefined => {
  if (limit === null) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new HttpError(400, "invalid_arguments", `limit is ${quote(limit)}, but must be 1 to 9999.`);
  return Number(limit);
};

const readRunAgain = (input: Record<string, unknown>): ControlCommands["run-again"]["body"] => {
  refuseUnknownFields(input, RUN_AGAIN_FIELDS);
  const { function: name, requestId, attempt, event } = input;
  if (typeof event !== "string") throw new HttpError(400, "invalid_arguments", `event is ${quote(event)}, but must be a string of JSON.`);
  return { function: String(name), requestId: String(requestId), attempt: Number(attempt), event };
};

const moveClock = (cloud: Cloud, input: Record<string, unknown>) => {
  refuseUnknownFields(input, CLOCK_FIELDS);
  const { advanceSeconds: seconds } = input;
  for (const [field, act] of Object.entries({ now: () => cloud.clock.goBack(), cancel: () => cloud.clock.cancel() })) {
    if (input[field] === undefined) continue;
    if (input[field] !== true || Object.keys(input).length > 1)
      throw new HttpError(
        400,
        "invalid_arguments",
        `${field} is ${quote(input[field])}, but must be true, without ${CLOCK_FIELDS.filter(each => each !== field).join(" and ")}.`,
      );
    return act();
  }
  if (typeof seconds !== "number" || !(seconds >= 0 && seconds <= MAX_ADVANCE_SECONDS))
    throw new HttpError(
      400,
      "invalid_arguments",
      `advanceSeconds is ${quote(seconds)}, but must be a number of seconds from 0 to ${MAX_ADVANCE_SECONDS}.`,
    );
  return cloud.clock.advanceInSteps(seconds);
};

/** Types of the resources that the weather can kill. */
const KILLABLE_TYPES = ["aws:lambda/function:Function", "awsx:ecs:FargateService"];

const changeWeather = (cloud: Cloud, input: Record<string, unknown>) => {
  const victims = [input["kill"]].flat().map(kill => (kill as { function?: unknown } | null | undefined)?.function);
  const names = KILLABLE_TYPES.flatMap(type => cloud.inventory.ofType(type).map(({ name }) => name)).sort();
  const unknown = victims.find(victim => typeof victim === "string" && !names.includes(victim));
  if (unknown !== undefined) {
    const known = names.length === 0 ? "the program has none" : `there are ${names.join(", ")}`;
    throw new HttpError(400, "invalid_arguments", `kill.function is ${quote(unknown)}, which is not a function of the program: ${known}.`);
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
