/** Client of the laptop's controls. */
import type { ControlAnswers, ControlCommands, Grant, InventoryReport, Invocation, Mail } from "../src/protocol";
import { post, request } from "./request";

/** An invocation of a function. */
type InvocationId = Pick<Invocation, "requestId" | "attempt">;

/** The program's resources, outputs and grants. */
interface Program extends InventoryReport {
  grants: Grant[];
}

/** A placeholder until the program has been read. */
const UNREAD_PROGRAM: Program = { revision: 0, resources: [], outputs: {}, grants: [] };

const get = <Name extends keyof ControlAnswers>(name: Name, query: Record<string, string> = {}) =>
  request<ControlAnswers[Name]>(`/control/${name}?${new URLSearchParams(query)}`);

const command = <Name extends keyof ControlCommands>(name: Name, body: ControlCommands[Name]["body"]) =>
  post<ControlCommands[Name]["answer"]>(`/control/${name}`, body);

const control = {
  readProgram: async (): Promise<Program> => {
    const [inventory, { grants }] = await Promise.all([get("inventory"), get("permissions")]);
    return { ...inventory, grants };
  },
  readPermissions: () => get("permissions"),
  readActivity: () => get("activity"),
  readInvocations: (name: string) => get("invocations", { function: name }),
  readFunctionMetrics: (name: string) => get("function-metrics", { function: name }),
  readInvocation: (name: string, { requestId, attempt }: InvocationId) =>
    get("invocation", { function: name, id: requestId, attempt: String(attempt) }),
  runAgain: (name: string, { requestId, attempt }: InvocationId, event: string) =>
    command("run-again", { function: name, requestId, attempt, event }),
  readLogs: (name: string) => get("logs", { function: name }),
  readItems: (table: string, limit?: number) => get("items", { table, ...(limit === undefined ? {} : { limit: String(limit) }) }),
  queryItems: (table: string, key: string) => get("items", { table, key }),
  readAlarms: () => get("alarms"),
  readQueue: (name: string) => get("queue", { name }),
  readBucket: (name: string) => get("bucket", { name }),
  readObject: (bucket: string, key: string) => get("object-details", { bucket, key }),
  /** The URL of an object's bytes. */
  objectUrl: (bucket: string, key: string) => `/control/object?${new URLSearchParams({ bucket, key })}`,
  readMachine: (name: string) => get("machine", { name }),
  readService: (name: string) => get("service", { name }),
  readExecution: (arn: string) => get("execution", { arn }),
  readTimers: () => get("timers"),
  readTrace: (trace: string) => get("traces", { trace }),
  readMail: () => request<Mail[]>("/mail"),
  readClock: () => get("clock"),
  readWeather: () => get("weather"),
  advance: (advanceSeconds: number) => command("clock", { advanceSeconds }),
  goBackToNow: () => command("clock", { now: true }),
  cancelMove: () => command("clock", { cancel: true }),
  changeWeather: (changes: ControlCommands["weather"]["body"]) => command("weather", changes),
  redrive: (queue: string) => command("redrive", { queue }),
  putObject: (bucket: string, file: File) =>
    request<object>(`/control/object?${new URLSearchParams({ bucket, key: file.name })}`, { method: "POST", body: file }),
};

export type { InvocationId, Program };
export { control, UNREAD_PROGRAM };
