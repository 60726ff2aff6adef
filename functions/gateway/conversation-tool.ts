/** What was said and shared in the thread of a task, for the brain that works on it. Nothing of another conversation. */
import { type Conversation, describeFile, type Entry, fitEntries } from "#core/agent/conversation";
import type { Task } from "#core/agent/task";
import { compareTs, placeOf, type Said, type ThreadPlace, tsOf } from "#core/agent/thread";
import type { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused } from "#core/errors";
import { isJsonObject, type JsonObject } from "#core/json";
import type { Log } from "#core/log";
import { TOMBSTONE } from "#core/message/event";
import { isSlackId, isSlackTs, type MessageFile } from "#core/message/message";
import { unescapeMrkdwn } from "#core/slack/mrkdwn";
import type { ThreadsTable } from "#stores/agent/threads-table";
import type { SlackNames } from "#stores/slack/names";
import type { Slack } from "#stores/slack/web-api";

interface ConversationParts {
  threads: Pick<ThreadsTable, "listSaid" | "keepSaid">;
  names: Pick<SlackNames, "writeInto">;
  slack: Pick<Slack, "call">;
  log: Log;
  nowMs?: () => number;
}

/** As many messages as Slack gives apps outside of its marketplace. Source: https://docs.slack.dev/reference/methods/conversations.replies */
const MOST_EARLIER = 15;
const AGENT = "agent";
const UNKNOWN = "somebody";

class ConversationTool {
  readonly #parts: Required<ConversationParts>;

  constructor(parts: ConversationParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Returns what was said before the request, and the files that were shared until then; or all that was said and shared. */
  async read(task: Task, deadline: Deadline, until: "request" | "all" = "request"): Promise<Conversation> {
    const place = placeOf(task);
    if (place === undefined) return { entries: [], files: [] };
    const ownTs = tsOf(task);
    const said = await this.list(place, ownTs, deadline);
    const all = until === "all" ? said : said.filter(({ ts }) => compareTs(ts, ownTs) <= 0);
    const entries = await Promise.all(all.filter(({ ts }) => until === "all" || ts !== ownTs).map(each => this.describe(each)));
    return { entries: fitEntries(entries.flat()), files: all.flatMap(({ files }) => files.map(describeFile)) };
  }

  /** Finds a file that was shared in the task's thread. */
  async findFile(task: Task, id: string, deadline: Deadline): Promise<MessageFile | undefined> {
    const place = placeOf(task);
    const said = place === undefined ? [] : await this.#parts.threads.listSaid(place, deadline);
    return said.flatMap(({ files }) => files).find(file => file.id === id);
  }

  /** Reads the kept messages. What was said before the agent came is read from Slack, and kept. */
  private async list(place: ThreadPlace, ownTs: string, deadline: Deadline): Promise<Said[]> {
    const { threads } = this.#parts;
    const said = await threads.listSaid(place, deadline);
    if (place.threadTs === ownTs || said.some(({ ts }) => ts === place.threadTs)) return said;
    const earlier = await this.fetchEarlier(place, ownTs);
    for (const each of earlier) await threads.keepSaid(place, each, this.#parts.nowMs());
    return earlier.length === 0 ? said : threads.listSaid(place, deadline);
  }

  /** Slack allows this call once a minute for some apps. Without it, the conversation begins later. */
  private async fetchEarlier({ channel, threadTs }: ThreadPlace, ownTs: string): Promise<Said[]> {
    const { slack, log } = this.#parts;
    try {
      const { messages } = await slack.call("conversations.replies", { channel, ts: threadTs, latest: ownTs, limit: MOST_EARLIER });
      return Array.isArray(messages) ? messages.filter(isJsonObject).flatMap(parseSaid) : [];
    } catch (error) {
      if (!(error instanceof SlackBusy || error instanceof SlackRefused)) throw error;
      log.error("what was said before the agent came can't be read", error, { channel, threadTs });
      return [];
    }
  }

  private async describe({ user, text, task, answer, isDeleted }: Said): Promise<Entry[]> {
    const { names } = this.#parts;
    const answered: Entry[] = answer === undefined ? [] : [{ role: "agent", name: AGENT, text: answer, isRequest: false }];
    if (isDeleted) return answered;
    const named = await names.writeInto(`<@${user}>`);
    const name = named.startsWith("@") ? named.slice(1) : user || UNKNOWN;
    const asked: Entry = { role: "person", name, text: unescapeMrkdwn(await names.writeInto(text)), isRequest: task !== undefined };
    return [asked, ...answered];
  }
}

/** Reads a person's message; nothing for a bot's, and for one that was deleted. */
const parseSaid = (message: JsonObject): Said[] => {
  const { ts, user, text = "", bot_id: bot, subtype, files = [] } = message;
  if (subtype === TOMBSTONE || !isSlackTs(ts) || !isSlackId(user) || typeof text !== "string" || (bot ?? undefined) !== undefined)
    return [];
  const shared = Array.isArray(files) ? files.filter(isJsonObject) : [];
  return [{ ts, user, text, files: shared.flatMap(parseFile) }];
};

const parseFile = ({ id, name, mimetype, size, url_private: url }: JsonObject): MessageFile[] => {
  if (!isSlackId(id)) return [];
  return [
    {
      id,
      ...(typeof name === "string" ? { name } : {}),
      ...(typeof mimetype === "string" ? { mimetype } : {}),
      ...(typeof size === "number" ? { size } : {}),
      ...(typeof url === "string" ? { url } : {}),
    },
  ];
};

export { ConversationTool };
