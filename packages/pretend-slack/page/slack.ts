/** Client of the pretend Slack. The types contain only what the page reads. */
import { post, request } from "../../laptop-cloud/page";

interface Member {
  id: string;
  name: string;
  realName: string;
}

interface Channel {
  id: string;
  kind: "channel" | "group" | "im";
  name: string;
  topic: string;
  members: string[];
}

interface Workspace {
  team: { id: string; name: string };
  users: Member[];
  /** Ids of the users to act as. */
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

interface Text {
  /** "mrkdwn" or "plain_text". */
  type?: string;
  text: string;
}

interface Block {
  type: string;
  text?: Text;
  accessory?: BlockElement;
  elements?: BlockElement[];
  fields?: Text[];
  alt_text?: string;
}

interface BlockElement {
  type: string;
  /** A string in a context, where texts are elements themselves. */
  text?: Text | string;
  action_id?: string;
  value?: string;
  style?: string;
  url?: string;
  alt_text?: string;
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
  /** The id of the trace that the message started. */
  trace: string;
}

interface SayRequest {
  user: string;
  channel: string;
  text: string;
  threadTs?: string;
  files?: { name: string; mimetype: string; base64: string }[];
}

interface MessagePage {
  messages: Message[];
  hasMore: boolean;
}

/** The workspace as one person sees it: without private conversations of others. */
const workspaceSeenBy = (user: string, workspace: Workspace): Workspace => ({
  ...workspace,
  channels: workspace.channels.filter(({ kind, members }) => kind === "channel" || members.includes(user)),
});

const slack = {
  readWorkspace: () => request<Workspace>("/slack/state"),
  /** The latest messages of a channel as one person sees them, optionally before a timestamp. */
  readMessages: (channel: string, user: string, limit: number, before?: string) =>
    request<MessagePage>(
      `/slack/messages?${new URLSearchParams({ channel, user, limit: String(limit), ...(before === undefined ? {} : { before }) })}`,
    ),
  /** How many deliveries to the program are owed, done and given up. */
  readDeliveries: () => request<{ owed: number; done: number; dead: number }>("/slack/deliveries"),
  say: (content: SayRequest) => post<{ ts: string }>("/slack/say", content),
  click: (click: { user: string; channel: string; ts: string; actionId: string; value?: string }) => post("/slack/click", click),
};

export type { Block, BlockElement, Channel, Delivery, Member, Message, SayRequest, Text, Workspace };
export { slack, workspaceSeenBy };
