/** The pretend Slack, as the page asks it. Shapes are the parts that the page reads. */
import { post, request } from "../../laptop-cloud/page/request";

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
  /** Texts are elements of a context themselves. */
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
  /** The trace's root; everything that the message brought about has the same. */
  trace: string;
}

interface Saying {
  user: string;
  channel: string;
  text: string;
  threadTs?: string;
  files?: { name: string; mimetype: string; base64: string }[];
}

interface Page {
  messages: Message[];
  hasMore: boolean;
}

/** The workspace as one person knows it: without the private conversations that they are not in. */
const workspaceSeenBy = (user: string, workspace: Workspace): Workspace => ({
  ...workspace,
  channels: workspace.channels.filter(({ kind, members }) => kind === "channel" || members.includes(user)),
});

const slack = {
  readWorkspace: () => request<Workspace>("/slack/state"),
  /** The latest messages of a channel as one person sees them; those before a timestamp, where one is given. */
  readMessages: (channel: string, user: string, limit: number, before?: string) =>
    request<Page>(
      `/slack/messages?${new URLSearchParams({ channel, user, limit: String(limit), ...(before === undefined ? {} : { before }) })}`,
    ),
  /** What the pretend Slack owes to the program's doors. */
  readDeliveries: () => request<{ owed: number; done: number; dead: number }>("/slack/deliveries"),
  say: (saying: Saying) => post<{ ts: string }>("/slack/say", saying),
  click: (click: { user: string; channel: string; ts: string; actionId: string; value?: string }) => post("/slack/click", click),
};

export type { Block, BlockElement, Channel, Delivery, Member, Message, Saying, Text, Workspace };
export { slack, workspaceSeenBy };
