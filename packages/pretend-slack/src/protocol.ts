/**
 * The JSON of the pretend Slack (`{page}/slack`) that the page reads and sends. The server and the page both compile against these types, so
 * this file imports nothing that needs Node or a browser.
 */
import type { Channel, Member } from "./directory";
import type { Delivery } from "./message";
import type { SessionStatus } from "./session";
import type { TaskStatus } from "./stream";
import type { ViewContent, ViewValues } from "./view";

/** The answers of `GET /slack/NAME`, by name. */
interface SlackAnswers {
  state: Workspace;
  messages: MessagePage;
  deliveries: DeliveryCounts;
  home: ShownViewAnswer;
  views: ShownViewAnswer;
  sessions: ShownSession[];
  streams: ShownStream[];
}

/** The bodies of `POST /slack/NAME`, by name. */
interface SlackCommands {
  say: SayRequest;
  click: ClickRequest | ViewClickRequest;
  edit: EditRequest;
  delete: DeleteRequest;
  react: ReactRequest;
  join: JoinRequest;
  create: CreateRequest;
  uninstall: UninstallRequest;
  "open-home": OpenHomeRequest;
  submit: SubmitRequest;
  close: CloseRequest;
  stop: StopRequest;
  open: OpenRequest;
}

/** A workspace and the app that is installed there, without secrets. */
interface Workspace {
  team: { id: string; name: string };
  /** All workspaces, this one included. */
  teams: { id: string; name: string; isInstalled: boolean }[];
  /** Where people begin to install the app; null for a custom app. */
  installUrl: string | null;
  users: Member[];
  /** Ids of the users to act as. */
  people: string[];
  channels: Channel[];
  app: InstalledApp | null;
  webhook: { url: string } | null;
  /** Messages that begin with one of these words are for the program: for its outgoing webhook, or for its app. */
  triggerWords: string[];
  problems: string[];
}

interface InstalledApp {
  name: string;
  commands: { command: string; description: string; usageHint: string }[];
  /** Null without a request URL. */
  events: { url: string; verified: boolean; problem: string | null; subscriptions: string[] } | null;
  interactivityUrl: string | null;
  hasHome: boolean;
  scopes: string[];
  /** Shown in a new conversation with the agent. `message` is what the person says who chooses it. */
  suggestedPrompts: { title: string; message: string }[];
  /** Whether requests to the app are signed. */
  signs: boolean;
}

interface MessagePage {
  messages: ShownMessage[];
  /** Whether there are earlier messages. */
  hasMore: boolean;
}

/** A message as one person sees it, with Slack's own field names where Slack has the field. */
interface ShownMessage {
  ts: string;
  text: string;
  subtype?: string;
  user?: string;
  username?: string;
  bot_id?: string;
  thread_ts?: string;
  blocks?: Block[];
  edited?: object;
  files?: { id: string; name: string; mimetype: string; size: number }[];
  reactions?: { name: string; users: string[]; count: number }[];
  streaming_state?: "in_progress" | "completed" | "errored";
  /** The agent's session in the thread that begins here. */
  session?: Pick<ShownSession, "status" | "title">;
  /** Whether only this person sees it. */
  ephemeral: boolean;
  deliveries: Delivery[];
  /** The id of the trace that the message started. */
  trace: string;
}

/** A Block Kit block, in the fields that the page renders. */
interface Block {
  type: string;
  /** A string in a `markdown` block. */
  text?: Text | string;
  accessory?: BlockElement;
  elements?: BlockElement[];
  fields?: Text[];
  alt_text?: string;
  /** Of a plan or a task. */
  title?: string;
  tasks?: Block[];
  status?: TaskStatus;
  details?: RichText;
  output?: RichText;
  sources?: { url: string; text: string }[];
}

/** Text as a task shows it. */
interface RichText {
  elements: { elements: { text?: string }[] }[];
}

interface BlockElement {
  type: string;
  /** A string in a context, where texts are elements themselves. */
  text?: Text | string;
  action_id?: string;
  value?: string;
  style?: string;
  url?: string;
  /** The two of a `feedback_buttons` element. */
  positive_button?: FeedbackButton;
  negative_button?: FeedbackButton;
  /** Read out instead of the text. */
  accessibility_label?: string;
  alt_text?: string;
}

interface FeedbackButton {
  text: Text;
  value: string;
  accessibility_label?: string;
}

interface Text {
  /** "mrkdwn" or "plain_text". */
  type?: string;
  text: string;
}

/** An agent's session, in one thread. */
interface ShownSession {
  channel: string;
  threadTs: string;
  status: SessionStatus;
  title: string | null;
}

/** A message that is streamed, or was. */
interface ShownStream {
  channel: string;
  threadTs?: string;
  ts: string;
  open: boolean;
  /** What the message says now. */
  text: string;
  /** In the order in which they came. */
  chunks: { type: string; text?: string }[];
}

/** The number of deliveries to the app. */
interface DeliveryCounts {
  expected: number;
  done: number;
  /** Given up. */
  deadLetters: number;
}

interface SayRequest {
  /** Must be the workspace of the user, if given. */
  team?: string;
  user: string;
  /** A channel's id, or a member's for direct messages. */
  channel: string;
  /** In Slack's format: `<@U0001>`, `&amp;`. */
  text: string;
  threadTs?: string;
  files?: { name: string; mimetype: string; base64: string }[];
}

interface ClickRequest {
  user: string;
  channel: string;
  ts: string;
  actionId: string;
  /** Distinguishes buttons with the same action id. */
  value?: string;
}

interface OpenHomeRequest {
  user: string;
}

interface ViewClickRequest {
  user: string;
  viewId: string;
  actionId: string;
  /** Distinguishes buttons with the same action id; or what was chosen, as in `SubmitRequest`. */
  value?: unknown;
}

interface SubmitRequest {
  user: string;
  viewId: string;
  /** By block, then by action: a text, an option's value, a user's or conversation's id, or a list of options' values. */
  values?: Record<string, Record<string, unknown>>;
}

interface CloseRequest {
  user: string;
  viewId: string;
}

/** A Home or modal, with Slack's own field names where Slack has the field. */
interface ShownView extends ViewContent {
  id: string;
  hash: string;
  root_view_id: string;
  previous_view_id: string | null;
  state: { values: ViewValues };
  /** What the app says is wrong, by block. */
  errors?: Record<string, string>;
  /** Why the app did not take what was submitted. */
  problem?: string;
}

interface ShownViewAnswer {
  view: ShownView | null;
}

interface EditRequest {
  user: string;
  channel: string;
  ts: string;
  text: string;
}

type DeleteRequest = Omit<EditRequest, "text">;

interface ReactRequest extends DeleteRequest {
  /** The emoji's name, with or without colons. */
  reaction: string;
  remove?: boolean;
}

interface UninstallRequest {
  /** A workspace's id, or the organisation's. */
  team: string;
}

interface JoinRequest {
  /** The workspace's id; the first one by default. */
  team?: string;
  name: string;
}

interface StopRequest {
  user: string;
  channel: string;
  threadTs: string;
}

interface OpenRequest {
  user: string;
  /** The direct messages with the app. */
  channel: string;
}

interface CreateRequest {
  user: string;
  /** Without the number sign. */
  name: string;
}

export type { ElementValue, Option, ViewBlock, ViewElement } from "./view";
export type {
  Block,
  BlockElement,
  Channel,
  ClickRequest,
  CloseRequest,
  CreateRequest,
  DeleteRequest,
  Delivery,
  DeliveryCounts,
  EditRequest,
  InstalledApp,
  JoinRequest,
  Member,
  MessagePage,
  OpenHomeRequest,
  OpenRequest,
  ReactRequest,
  RichText,
  SayRequest,
  ShownMessage,
  ShownSession,
  ShownStream,
  ShownView,
  ShownViewAnswer,
  SlackAnswers,
  SlackCommands,
  StopRequest,
  SubmitRequest,
  TaskStatus,
  Text,
  UninstallRequest,
  ViewClickRequest,
  Workspace,
};
