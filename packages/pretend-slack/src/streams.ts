import type { Timer } from "@slack-fanout/laptop-cloud/kernel/clock";
import type { Cloud } from "@slack-fanout/laptop-cloud/kernel/service";
import type { Block } from "./block";
import { joinText, showChunks } from "./chunks";
import type { Commit } from "./deliveries";
import type { Channel } from "./directory";
import type { ChangeOptions, Draft } from "./draft";
import type { Message, Metadata, Posted } from "./message";
import type { SessionStatus } from "./session";
import type { Sessions } from "./sessions";
import type { Chunk, DisplayMode, Stream } from "./stream";
import type { Workspace } from "./workspace";

/** The parts of the pretend Slack that streams need. */
interface Host {
  cloud: Cloud;
  workspace: Workspace;
  sessions: Sessions;
  isAgent: boolean;
  post(draft: Draft): Promise<Posted>;
  change(channel: Channel, posted: Posted, message: Message, options: ChangeOptions): Promise<Posted>;
}

/** The end of a stream, with its last content. */
interface StreamEnd {
  state: "completed" | "errored";
  chunks?: Chunk[];
  /** Shown below everything that was streamed. */
  blocks?: Block[];
  metadata?: Metadata;
  /** The session's status afterwards. Default: unchanged. */
  sessionStatus?: SessionStatus;
}

/** Slack ends a stream after some five minutes, however busy it is. Its pages don't say so; apps measured 300 to 306 s. */
const LIFETIME_MS = 300_000;

/** Messages that grow while the app writes them. */
class Streams {
  readonly #timers = new Map<string, Timer>();

  constructor(private readonly slack: Host) {}

  /** Goes on with the streams of an earlier run. */
  load() {
    for (const posted of this.all()) if (isStreaming(posted)) this.#watch(posted);
  }

  stop() {
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** Also those that have ended, oldest first. */
  all(): Posted[] {
    const { workspace } = this.slack;
    const streamed = workspace.channels().flatMap(({ id }) => workspace.messages(id).filter(({ stream }) => stream !== undefined));
    return streamed.sort((a, b) => a.message.ts.localeCompare(b.message.ts));
  }

  /** Posts the message that will grow. In a thread, an agent's session is processing from now on. */
  async start(channel: Channel, message: Omit<Message, "ts" | "text">, chunks: Chunk[], displayMode: DisplayMode): Promise<Posted> {
    const stream: Stream = { chunks, displayMode, dueMs: this.slack.cloud.clock.nowMs() + LIFETIME_MS };
    const { changes, after } = this.#prepareStatus(channel.id, message.thread_ts, "processing");
    const shown = { ...message, ...contentOf(stream), streaming_state: "in_progress" } as const;
    const posted = await this.slack.post({ channel, message: shown, stream, changes });
    after();
    this.#watch(posted);
    return posted;
  }

  async append(channel: Channel, posted: Posted, chunks: Chunk[]): Promise<void> {
    const stream = { ...posted.stream!, chunks: [...posted.stream!.chunks, ...chunks] };
    await this.slack.change(channel, { ...posted, stream }, { ...posted.message, ...contentOf(stream) }, { isSilent: true });
  }

  /** Makes it an ordinary message. The app gets `message_changed`. */
  async end(channel: Channel, posted: Posted, { state, chunks = [], blocks = [], metadata, sessionStatus }: StreamEnd): Promise<Posted> {
    const { message } = posted;
    const key = keyOf(posted);
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    const stream = { ...posted.stream!, chunks: [...posted.stream!.chunks, ...chunks] };
    const content = contentOf(stream);
    const ended: Message = {
      ...message,
      ...content,
      blocks: [...content.blocks, ...blocks],
      streaming_state: state,
      ...(metadata === undefined ? {} : { metadata }),
    };
    const { changes, after } = this.#prepareStatus(channel.id, message.thread_ts, sessionStatus);
    const changed = await this.slack.change(channel, { ...posted, stream }, ended, { changes });
    after();
    return changed;
  }

  /** Only apps that are agents have sessions. Source: https://docs.slack.dev/ai/agent-sessions#messaging-interactions */
  #prepareStatus(channel: string, threadTs: string | undefined, status: SessionStatus | undefined): Commit {
    if (threadTs === undefined || status === undefined || !this.slack.isAgent) return { changes: [], after: () => {} };
    const { title = null } = this.slack.sessions.find(channel, threadTs) ?? {};
    return this.slack.sessions.prepare({ channel, threadTs, status, title });
  }

  #watch(posted: Posted) {
    const { clock } = this.slack.cloud;
    // A length of time, since the clock may be put back.
    const leftMs = Math.min(LIFETIME_MS, Math.max(0, posted.stream!.dueMs - clock.nowMs()));
    const { ts } = posted.message;
    const timer = clock.after(leftMs, () => void clock.hold(this.#timeOut(posted.channel, ts)).catch(error => console.error(error)));
    this.#timers.set(keyOf(posted), timer);
  }

  async #timeOut(channelId: string, ts: string) {
    const channel = this.slack.workspace.channel(channelId);
    const posted = this.slack.workspace.find(channelId, ts);
    if (channel !== undefined && posted !== undefined && isStreaming(posted))
      await this.end(channel, posted, { state: "errored", sessionStatus: "active" });
  }
}

const isStreaming = ({ message }: Posted) => message.streaming_state === "in_progress";

const contentOf = ({ chunks, displayMode }: Stream) => ({ text: joinText(chunks), blocks: showChunks(chunks, displayMode) });

const keyOf = ({ channel, message }: Posted) => `${channel}/${message.ts}`;

export { isStreaming, Streams };
