/** `npm run gaps -- --channel ID --from TIME`: finds messages that Slack has, but never sent. */
import { createHash } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { WebClient } from "@slack/web-api";
import { Deadline } from "#core/deadline";
import { findTop } from "#core/message/leaderboard";
import { findTrigger, isPrivateType, isSlackId, SLACKBOT } from "#core/message/message";
import { WRITTEN } from "#functions/events/other-events";
import { SeenTable } from "#stores/message/seen-table";
import { InstallationsTable } from "#stores/slack/installations-table";
import { TokenCipher } from "#stores/slack/token-cipher";
import { readToken } from "#stores/slack/tokens";
import { formatColumns } from "./checklist";
import { defineScript, runScript, UsageError } from "./command-line";
import { type Said, SlackHistory } from "./gaps/history";
import { chooseSources } from "./replay";
import { MessageArchive } from "./replay/archive";
import { parseRange, parseTime, type Range } from "./replay/range";
import { readSecrets, type Sender, SlackSender } from "./slack-sender";
import { type OperatedStack, readStack, type StackOutputs } from "./stack-outputs";

/** Enough for retries while DynamoDB throttles. */
const READ_MS = 30_000;

const DAY_MS = 86_400_000;

interface Conversation {
  team: string;
  channel: string;
  channelType: string;
}

interface Compared {
  range: Range;
  /** Replies are compared in threads that began at this time or later. Default: the beginning of the range. */
  threadsFromMs?: number | undefined;
  /** The part of the range that only the archive has. */
  archived?: Range | undefined;
}

interface GapsParts {
  outputs: StackOutputs;
  seen: Pick<SeenTable, "findExisting">;
  archive: Pick<MessageArchive, "list" | "read">;
  history: Pick<SlackHistory, "read">;
  triggerWords: string[];
  createSender(sender: Sender): Pick<SlackSender, "event" | "webhook">;
  app: string | undefined;
}

class Gaps {
  constructor(private readonly parts: GapsParts) {}

  /** Finds the messages of a range that Slack has and the program does not know, oldest first. */
  async find(conversation: Conversation, { range, threadsFromMs, archived }: Compared): Promise<{ checked: number; missing: Said[] }> {
    const expected: Said[] = [];
    for await (const message of this.parts.history.read(conversation.channel, range, threadsFromMs))
      if (this.isExpected(message, conversation)) expected.push(message);
    const known = await this.findKnown(conversation, expected, archived);
    const missing = expected.filter(({ ts }) => !known.has(keyOf(conversation, ts))).sort((a, b) => Number(a.ts) - Number(b.ts));
    return { checked: expected.length, missing };
  }

  /** Tells whether a door would have accepted the message. */
  isExpected({ subtype, bot_id, user, text, files }: Said, { channelType }: Conversation): boolean {
    const isFromPerson =
      WRITTEN.includes(subtype ?? undefined) && (bot_id ?? undefined) === undefined && isSlackId(user) && user !== SLACKBOT;
    if (!isFromPerson) return false;
    if (hasFiles(files)) return true;
    const said = typeof text === "string" ? text.trim() : "";
    const trigger = this.findTrigger(said);
    // The webhook hears public channels only, and leaves no trace of a question for the leaderboard.
    if (this.hasWebhook && trigger !== undefined) return !isPrivateType(channelType) && findTop(trigger.rest) === undefined;
    return said !== "";
  }

  /** Finds the keys `TEAM-CHANNEL-TS` of messages that a door has accepted, or whose words were counted. */
  private async findKnown(conversation: Conversation, expected: readonly Said[], archived: Range | undefined): Promise<Set<string>> {
    const keys = expected.map(({ ts }) => keyOf(conversation, ts));
    const ids = keys.flatMap(key => MARKERS.map(marker => key + marker));
    const known = new Set([...(await this.parts.seen.findExisting(ids, new Deadline(READ_MS)))].map(stripMarker));
    if (archived === undefined) return known;
    const objects = await this.parts.archive.list(archived);
    // A message may be published some time after it was said.
    const published = { fromMs: archived.fromMs, untilMs: archived.untilMs + DAY_MS };
    for (const object of objects) for await (const { id } of this.parts.archive.read(object, published)) known.add(stripMarker(id));
    return known;
  }

  /** Sends a message as Slack would have. Throws with a sentence if a door refuses it. */
  async send({ team, channel, channelType }: Conversation, message: Said): Promise<void> {
    const { ts, text = "", files, thread_ts } = message;
    const threadTs = typeof thread_ts === "string" && thread_ts !== ts ? thread_ts : undefined;
    const sender = this.parts.createSender({ team, channel, user: String(message["user"]), app: this.parts.app });
    const trigger = this.findTrigger(String(text))?.trigger;
    if (this.hasWebhook && trigger !== undefined) await check(sender.webhook(trigger, String(text), ts, threadTs));
    if (this.hasWebhook && trigger !== undefined && !hasFiles(files)) return;
    const { type: _, ...event } = message;
    await check(sender.event({ ...event, channel_type: channelType, event_ts: ts }, buildEventId(keyOf({ team, channel }, ts))));
  }

  private get hasWebhook(): boolean {
    return this.parts.outputs.webhookUrl !== undefined;
  }

  private findTrigger(text: string) {
    return findTrigger(text, this.parts.triggerWords);
  }
}

/** Ends of the keys that tell of a message: its markers by door, and the versions that were counted, which live longer. */
const MARKERS = ["-webhook", "-events", "#counter", "#leaderboard"];

const stripMarker = (id: string) => id.replace(/(-webhook|-events|#\w+)$/, "");

const keyOf = ({ team, channel }: Pick<Conversation, "team" | "channel">, ts: string) => `${team}-${channel}-${ts}`;

const hasFiles = (files: unknown): boolean => Array.isArray(files) && files.length > 0;

/** The same for the same message, so that a second run is a repeated delivery. */
const buildEventId = (key: string) => `Gap${createHash("sha256").update(key).digest("hex").slice(0, 20)}`;

const check = async (sending: Promise<Response>) => {
  const response = await sending;
  if (!response.ok) throw new Error(`the door answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
};

/** Chooses the workspace, and reads its token. Throws `UsageError`, and `SlackRefused` if the workspace does not have the app. */
const readWorkspace = async ({ outputs, client }: OperatedStack, config: Record<string, string>, team: string | undefined) => {
  const { installationsTable, tokenKeyArn } = outputs;
  const { slackTeamId, slackBotToken } = config;
  if (installationsTable === undefined || tokenKeyArn === undefined) {
    if (team !== undefined)
      throw new UsageError(`--team is ${JSON.stringify(team)}, but must be left out: the stack serves one workspace.`);
    if (slackTeamId === undefined || slackBotToken === undefined)
      throw new Error("slackTeamId and slackBotToken must be set: they tell whose messages to compare.");
    return { team: slackTeamId, token: slackBotToken };
  }
  if (team === undefined || !/^T[A-Z0-9]+$/.test(team))
    throw new UsageError(`--team is ${JSON.stringify(team ?? "")}, but must be a workspace's id such as T0001: the stack serves many.`);
  const installations = new InstallationsTable(new DynamoDBClient(client), installationsTable);
  const { token } = await readToken({ installations, cipher: new TokenCipher(new KMSClient(client), tokenKeyArn) }, team);
  return { team, token };
};

interface Operation {
  stack: OperatedStack;
  team: string | undefined;
  channel: string;
  isPrivateAllowed: boolean;
  report: (sentence: string) => void;
}

/** Reads what the command needs from a stack. Throws `UsageError`. */
const open = async ({ stack, team: chosen, channel, isPrivateAllowed, report }: Operation) => {
  const { outputs, client, slackApiUrl } = stack;
  const config = stack.readConfig();
  const { team, token } = await readWorkspace(stack, config, chosen);
  const slack = new WebClient(token, { slackApiUrl, rejectRateLimitedCalls: true, retryConfig: { retries: 2 } });
  const history = new SlackHistory(slack, report);
  const channelType = await history.readChannelType(channel);
  if (isPrivateType(channelType) && !isPrivateAllowed)
    throw new UsageError(`--channel ${JSON.stringify(channel)} is private, so its messages are read only with --private.`);
  const secrets = readSecrets(config);
  const gaps = new Gaps({
    outputs,
    seen: new SeenTable(new DynamoDBClient(client), outputs.seenTable),
    archive: new MessageArchive(
      new S3Client({ ...client, forcePathStyle: client.endpoint !== undefined }),
      outputs.messageArchiveBucket ?? "",
    ),
    history,
    triggerWords: JSON.parse(config["triggerWords"] ?? '["awsadvent"]') as string[],
    createSender: sender => new SlackSender(stack, secrets, sender),
    app: config["slackAppId"],
  });
  // Without private messages in the archive, nobody knows which of the older ones came.
  const isArchived = !isPrivateType(channelType) || config["archivePrivate"] === "true";
  return { gaps, conversation: { team, channel, channelType }, isArchived };
};

const script = defineScript({
  name: "gaps",
  usage: "--channel ID --from TIME [--to TIME] [--threads-from TIME] [--team TEAM] [--fetch] [--private] [--stack STACK] [--json]",
  help: `Compares a conversation in Slack with the accepted messages, and lists those that Slack never sent. It changes nothing without --fetch.
Each thread with replies in the range takes a call of its own. Slack lets apps that are distributed commercially outside of its Marketplace
make one call a minute, for 15 messages.

  --channel ID         the conversation's id, such as C0001
  --from TIME          the beginning of the range, such as 2026-11-22T09:30:00Z
  --to TIME            the end of the range (default: now)
  --threads-from TIME  compares replies in threads that began then or later (default: --from)
  --team TEAM          the workspace's id, such as T0001; needed where the stack serves many
  --fetch              sends the missing messages to the doors, signed, so that they count once
  --private            allows a private conversation
  --stack STACK        the stack; "local" (default) is the running laptop cloud`,
  options: {
    channel: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    "threads-from": { type: "string" },
    team: { type: "string" },
    fetch: { type: "boolean", default: false },
    private: { type: "boolean", default: false },
    stack: { type: "string", default: "local" },
  },
  run: async ({ options, report }) => {
    const { channel, from, to, "threads-from": threadsFrom, team, fetch: isFetching, private: isPrivateAllowed, stack: name } = options;
    if (channel === undefined || !/^[CDG][A-Z0-9]+$/.test(channel))
      throw new UsageError(`--channel is ${JSON.stringify(channel ?? "")}, but must be a conversation's id such as C0001.`);
    const stack = readStack(name);
    const nowMs = await stack.readNowMs();
    const range = parseRange(from, ["--to", to], nowMs);
    const threadsFromMs = threadsFrom === undefined ? undefined : parseTime("--threads-from", threadsFrom);
    const { gaps, conversation, isArchived } = await open({ stack, team, channel, isPrivateAllowed, report });
    const { messageArchiveDays, ...withoutArchive } = stack.outputs;
    const { archive } = chooseSources(range, isArchived ? { ...withoutArchive, messageArchiveDays } : withoutArchive, nowMs, from);
    const { checked, missing } = await gaps.find(conversation, { range, threadsFromMs, archived: archive });
    const left: string[] = [];
    for (const message of isFetching ? missing : [])
      await gaps.send(conversation, message).catch((error: Error) => left.push(`${message.ts}: ${error.message}`));
    const sent = isFetching ? missing.length - left.length : 0;
    const rows = missing.map(({ ts, user }) => [ts, new Date(Number(ts) * 1000).toISOString(), String(user)]);
    const found = `${missing.length} of ${checked} messages in ${channel} never came${isFetching ? `; ${sent} sent now` : ""}.`;
    return {
      text: rows.length === 0 ? found : `${found}\n${formatColumns(rows)}`,
      json: { channel, checked, missing: missing.map(({ ts, user }) => ({ ts, user })), sent, left },
      problem: left.length === 0 ? undefined : `${left.length} could not be sent:\n${left.join("\n")}`,
    };
  },
});

if (require.main === module) void runScript(script);

export { Gaps, script };
