/** The laptop cloud, as the page asks it. Shapes are the parts that the page reads. */

interface Member {
  id: string;
  name: string;
  realName: string;
}

interface Channel {
  id: string;
  kind: "channel" | "im";
  name: string;
  topic: string;
  members: string[];
}

interface Workspace {
  team: { id: string; name: string };
  users: Member[];
  /** Ids of the users that one can act as. */
  people: string[];
  channels: Channel[];
  app: {
    name: string;
    commands: { command: string; description: string; usageHint: string }[];
    events: { verified: boolean; problem: string | null } | null;
  } | null;
  webhook: { triggerWords: string[] } | null;
  problems: string[];
}

interface Delivery {
  id: string;
  door: string;
  event?: string;
  signed: boolean;
  state: "sending" | "waiting" | "delivered" | "failed";
  status: number | null;
  reason?: string;
  ms: number | null;
  retries: number;
  nextMs?: number;
}

interface Block {
  type: string;
  text?: { text: string };
  elements?: { type: string; text?: { text: string } | string; action_id?: string; value?: string; style?: string }[];
  fields?: { text: string }[];
}

interface Message {
  ts: string;
  text: string;
  user?: string;
  username?: string;
  bot_id?: string;
  thread_ts?: string;
  blocks?: Block[];
  edited?: object;
  files?: { id: string; name: string; mimetype: string; size: number }[];
  reactions?: { name: string; count: number }[];
  ephemeral: boolean;
  deliveries: Delivery[];
}

interface Items {
  name: string;
  keys: string[];
  sortedBy: string | null;
  items: Record<string, unknown>[];
  count: number;
  hasMore: boolean;
}

/** What the program is made of, by Pulumi name. */
interface Program {
  functions: string[];
  tables: string[];
}

interface LogLine {
  atMs: number;
  stream: string;
  message: string;
}

interface Occurrence {
  kind: string;
  from?: string;
  detail?: Record<string, unknown>;
}

/** What the cloud answered instead; its sentence is for people. */
class Refused extends Error {
  override name = "Refused";
}

const request = async <T>(path: string, init?: RequestInit): Promise<T> => {
  const response = await fetch(path, init);
  const body = (await response.json()) as T & { message?: string };
  if (!response.ok) throw new Refused(body.message ?? `${path} answered ${response.status}.`);
  return body;
};

const post = <T>(path: string, body: object) => request<T>(path, { method: "POST", body: JSON.stringify(body) });

const cloud = {
  readWorkspace: () => request<Workspace>("/slack/state"),
  readMessages: (channel: string, user: string, limit: number) =>
    request<{ messages: Message[]; hasMore: boolean }>(`/slack/messages?channel=${channel}&user=${user}&limit=${limit}`),
  say: (saying: { user: string; channel: string; text: string; threadTs?: string }) => post<{ ts: string }>("/slack/say", saying),
  click: (click: { user: string; channel: string; ts: string; actionId: string; value?: string }) => post("/slack/click", click),
  readItems: (table: string) => request<Items>(`/control/items?table=${encodeURIComponent(table)}`),
  readLogs: (name: string) => request<LogLine[]>(`/control/logs?function=${encodeURIComponent(name)}`),
  readProgram: async (): Promise<Program> => {
    const { resources } = await request<{ resources: { type: string; name: string }[] }>("/control/inventory");
    const namesOf = (wanted: string) => resources.filter(({ type }) => type === wanted).map(({ name }) => name);
    return { functions: namesOf("aws:lambda/function:Function"), tables: namesOf("aws:dynamodb/table:Table") };
  },
  advance: (advanceSeconds: number) => post<{ nowMs: number }>("/control/clock", { advanceSeconds }),
};

interface Listeners {
  /** At each connection, also after a break: what was missed must be read anew. */
  connected(): void;
  disconnected(): void;
  occurrence(occurrence: Occurrence): void;
  calls(functions: Record<string, number>): void;
  clock(nowMs: number): void;
}

/** Listens to what happens. Returns the way to end it. */
const listen = (listeners: Listeners): (() => void) => {
  const source = new EventSource("/control/stream");
  const on = <T>(event: string, take: (data: T) => void) =>
    source.addEventListener(event, ({ data }: MessageEvent<string>) => take(JSON.parse(data) as T));
  source.addEventListener("open", listeners.connected);
  source.addEventListener("error", listeners.disconnected);
  on("occurrence", listeners.occurrence);
  on<{ functions: Record<string, number> }>("calls", ({ functions }) => listeners.calls(functions));
  on<{ nowMs: number }>("clock", ({ nowMs }) => listeners.clock(nowMs));
  return () => source.close();
};

export type { Block, Channel, Delivery, Items, LogLine, Member, Message, Occurrence, Program, Workspace };
export { cloud, listen };
