/** Client of the laptop's controls. The types contain only what the page reads. */
import type { Grant, Resource } from "./graph";
import { post, request } from "./request";

interface Tally {
  invocations: number;
  errors: number;
  retries: number;
  delivered: number;
  published: number;
  deadLetters: number;
  started: number;
  succeeded: number;
  failed: number;
}

interface Depth {
  visible: number;
  inFlight: number;
  delayed: number;
}

/** What somebody has to get, and what became of it. */
interface Account {
  owed: number;
  done: number;
  dead: number;
  again: number;
}

interface Activity {
  /** By node of the diagram. */
  tallies: Record<string, Partial<Tally>>;
  /** By Pulumi name. */
  queues: Record<string, Depth>;
  alarms: Record<string, string>;
  books: { deliveries: Record<string, Account>; events: Record<string, Account> };
}

interface Invocation {
  requestId: string;
  trace?: string;
  from?: string;
  type: string;
  attempt: number;
  atMs: number;
  ms: number | null;
  cold: boolean | null;
  error: string | null;
}

interface Items {
  name: string;
  keys: string[];
  sortedBy: string | null;
  items: Record<string, unknown>[];
  count: number;
  hasMore: boolean;
}

interface LogLine {
  atMs: number;
  stream: string;
  message: string;
}

interface QueueMessage {
  MessageId: string;
  Body: string;
  MessageAttributes?: Record<string, { StringValue?: string }>;
  sentMs: number;
  receives: number;
  state: string;
}

interface StoredObject {
  key: string;
  sizeBytes: number;
  atMs: number;
}

interface Execution {
  arn: string;
  name: string;
  status: string;
  startMs: number;
  stopMs: number | null;
}

interface HistoryEvent {
  id: number;
  /** Epoch seconds. */
  timestamp: number;
  type: string;
  [details: string]: unknown;
}

interface ExecutionHistory {
  status: string;
  input: string;
  output: string | null;
  error: string | null;
  cause: string | null;
  events: HistoryEvent[];
}

/** A container service's task: a process on this machine. */
interface ServiceTask {
  id: string;
  status: string;
  processId: string | null;
  startedMs: number;
  stoppedMs: number | null;
  reason: string | null;
  exitCode: number | null;
}

interface Timer {
  name: string;
  expression: string;
  target: string;
  input: string | null;
  nextMs: number | null;
}

interface Mail {
  to: string;
  subject: string;
  body: string;
  links: string[];
}

/** What happened, or an AWS call that a function made. */
interface Step {
  atMs: number;
  kind: string;
  from?: string;
  to?: string;
  detail?: Record<string, unknown>;
  /** Of calls. */
  function?: string | null;
  caller?: string;
  action?: string;
  resource?: string | null;
  allowed?: boolean;
  error?: string | null;
  ms?: number;
}

interface Kill {
  function: string;
  call: number;
  when: "before" | "after";
}

interface Weather {
  duplicate: boolean | number;
  delayMs: number;
  shuffle: boolean;
  throttle: boolean | number;
  conflict: boolean | number;
  snsDown: boolean;
  slackStatus: number;
  kill: Kill | null;
}

/** What the program is made of. */
interface Program {
  resources: Resource[];
  outputs: Record<string, unknown>;
  grants: Grant[];
}

const emptyProgram: Program = { resources: [], outputs: {}, grants: [] };

const get = <T>(name: string, query: Record<string, string> = {}) => request<T>(`/control/${name}?${new URLSearchParams(query)}`);

const control = {
  readProgram: async (): Promise<Program> => {
    const [inventory, { grants }] = await Promise.all([get<Omit<Program, "grants">>("inventory"), control.readPermissions()]);
    return { ...inventory, grants };
  },
  readPermissions: () =>
    get<{ grants: Grant[]; denials: { who: string; action: string; resource: string; count: number }[] }>("permissions"),
  readActivity: () => get<Activity>("activity"),
  readInvocations: (name: string) => get<Invocation[]>("invocations", { function: name }),
  readLogs: (name: string) => get<LogLine[]>("logs", { function: name }),
  readItems: (table: string, limit?: number) => get<Items>("items", { table, ...(limit === undefined ? {} : { limit: String(limit) }) }),
  readQueue: (name: string) => get<{ Messages: QueueMessage[] } & Depth>("queue", { name }),
  readBucket: (name: string) => get<{ objects: StoredObject[]; hasMore: boolean }>("bucket", { name }),
  readMachine: (name: string) => get<{ executions: Execution[] }>("machine", { name }),
  readService: (name: string) => get<{ desiredCount: number; tasks: ServiceTask[] }>("service", { name }),
  readExecution: (arn: string) => get<ExecutionHistory>("execution", { arn }),
  readTimers: () => get<{ timers: Timer[] }>("timers"),
  readTrace: (trace: string) => get<{ steps: Step[] }>("traces", { trace }),
  readMail: () => request<Mail[]>("/mail"),
  readClock: () => get<{ nowMs: number; nextMs: number | null }>("clock"),
  advance: (advanceSeconds: number) => post<{ nowMs: number; nextMs: number | null }>("/control/clock", { advanceSeconds }),
  changeWeather: (changes: Partial<Weather>) => post<Weather>("/control/weather", changes),
  putObject: (bucket: string, file: File) =>
    request<object>(`/control/object?${new URLSearchParams({ bucket, key: file.name })}`, { method: "POST", body: file }),
  redrive: (queue: string) => post<{ count: number }>("/control/redrive", { queue }),
};

export type {
  Account,
  Activity,
  Depth,
  Execution,
  ExecutionHistory,
  HistoryEvent,
  Invocation,
  Items,
  Kill,
  LogLine,
  Mail,
  Program,
  QueueMessage,
  ServiceTask,
  Step,
  StoredObject,
  Tally,
  Timer,
  Weather,
};
export { control, emptyProgram };
