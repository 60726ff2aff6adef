import type { Clock } from "@slack-fanout/laptop-cloud/kernel/clock";
import type { State, StateChange } from "@slack-fanout/laptop-cloud/kernel/state";
import type { Canvas } from "./canvas";
import { buildChannels, type Channel, type Member, type Team } from "./directory";
import type { Posted, SlackFile } from "./message";
import { formatTimestamp, microsOf, secondsOf } from "./timestamp";

/** A step back by more is the clock that was put back, in microseconds. */
const MICROS_BACK = 60_000_000;

/** A workspace has more files than people and channels. */
const FILES_PER_NUMBER = 1000;

/**
 * The content of the workspace: people, channels, messages, canvases, files. It is in memory, and every change is written to the state.
 *
 * Methods that begin with `keep` change the memory and return the change to write, so that callers can join several
 * changes into one batch: a message and its deliveries are stored together or not at all.
 */
class Workspace {
  readonly #people: Map<string, Member>;
  readonly #channels = new Map<string, Channel>();
  /** By channel, in order of time. */
  readonly #messages = new Map<string, Posted[]>();
  readonly #files = new Map<string, SlackFile>();
  readonly #canvases = new Map<string, Canvas>();
  #lastMicros = 0;
  #lastFile: number;

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly team: Team,
  ) {
    this.#people = new Map(team.people.map(person => [person.id, person]));
    this.#lastFile = team.lastNumber * FILES_PER_NUMBER;
  }

  /** `isInstalled`: whether the app is, so that its bot is in the initial conversations. */
  async load(isInstalled: boolean) {
    for (const [, person] of await this.state.entries<Member>("person/")) this.#people.set(person.id, person);
    for (const [, channel] of await this.state.entries<Channel>("channel/")) this.#channels.set(channel.id, channel);
    for (const [, file] of await this.state.entries<SlackFile>("file/")) {
      this.#files.set(file.id, file);
      this.#lastFile = Math.max(this.#lastFile, Number(file.id.slice(1)));
    }
    for (const [, canvas] of await this.state.entries<Canvas>("canvas/")) {
      this.#canvases.set(canvas.id, canvas);
      this.#lastFile = Math.max(this.#lastFile, Number(canvas.id.slice(1)));
    }
    for (const [, posted] of await this.state.entries<Posted>("message/")) {
      this.#listOf(posted.channel).push(posted);
      this.#lastMicros = Math.max(this.#lastMicros, microsOf(posted.message.ts));
    }
    await this.#addMissing(isInstalled);
  }

  /** Adds the initial conversations, which a workspace of an earlier release may lack. */
  async #addMissing(isInstalled: boolean) {
    const missing = buildChannels(this.team, secondsOf(this.clock.nowMs()), isInstalled).filter(({ id }) => !this.#channels.has(id));
    await this.write(missing.map(channel => this.keepChannel(channel)));
    if (isInstalled) await this.#openDirects();
  }

  async #openDirects() {
    // Compared by members, because direct messages that people opened earlier may have the same ids.
    for (const { id } of this.people()) await this.openDirect(id, this.team.bot.userId);
  }

  /** Adds the bot of an app that was installed to the initial conversations. */
  async addBot() {
    const { bot, channels } = this.team;
    const lacking = this.channels().filter(({ id, members }) => !members.includes(bot.userId) && channels.some(each => each.id === id));
    await this.write(lacking.map(channel => this.keepChannel({ ...channel, members: [...channel.members, bot.userId] })));
    await this.#openDirects();
  }

  /** Removes the bot of an app that was uninstalled from all conversations but its direct messages. */
  async removeBot() {
    const { bot } = this.team;
    const joined = this.channels().filter(({ kind, members }) => kind !== "im" && members.includes(bot.userId));
    const without = ({ members }: Channel) => members.filter(member => member !== bot.userId);
    await this.write(joined.map(channel => this.keepChannel({ ...channel, members: without(channel) })));
  }

  write(changes: StateChange[]) {
    return this.state.batch(changes);
  }

  /** A new timestamp: the cloud's time, or a microsecond after the last one. */
  nextTimestamp(): string {
    const nowMicros = this.clock.nowMs() * 1000;
    // The clock may have gone back. Otherwise, timestamps increase.
    const isBack = this.#lastMicros - nowMicros > MICROS_BACK;
    this.#lastMicros = isBack ? nowMicros : Math.max(this.#lastMicros + 1, nowMicros);
    return formatTimestamp(this.#lastMicros);
  }

  people(): Member[] {
    return [...this.#people.values()];
  }

  person(id: string): Member | undefined {
    return this.#people.get(id);
  }

  keepPerson(person: Member): StateChange {
    this.#people.set(person.id, person);
    return { put: `person/${person.id}`, value: person };
  }

  channels(): Channel[] {
    return [...this.#channels.values()];
  }

  channel(id: string): Channel | undefined {
    return this.#channels.get(id);
  }

  channelByName(name: string): Channel | undefined {
    return this.channels().find(channel => channel.kind !== "im" && channel.name === name);
  }

  /** The direct messages between two members, which are opened if they don't exist. */
  async openDirect(one: string, other: string): Promise<Channel> {
    const known = this.channels().find(
      ({ kind, members }) => kind === "im" && members.includes(one) && members.includes(other) && (one !== other || members.length === 1),
    );
    if (known !== undefined) return known;
    const numbers = this.channels().flatMap(({ id, kind }) => (kind === "im" ? [Number(id.slice(1))] : []));
    const channel: Channel = {
      id: `D${String(Math.max(this.team.lastNumber, ...numbers) + 1).padStart(4, "0")}`,
      kind: "im",
      name: "",
      topic: "",
      createdSeconds: secondsOf(this.clock.nowMs()),
      members: [...new Set([one, other])],
    };
    await this.write([this.keepChannel(channel)]);
    return channel;
  }

  keepChannel(channel: Channel): StateChange {
    this.#channels.set(channel.id, channel);
    return { put: `channel/${channel.id}`, value: channel };
  }

  botIsIn(channelId: string) {
    return this.#channels.get(channelId)?.members.includes(this.team.bot.userId) ?? false;
  }

  messages(channelId: string): readonly Posted[] {
    return this.#messages.get(channelId) ?? [];
  }

  find(channelId: string, ts: string): Posted | undefined {
    const list = this.#messages.get(channelId);
    return list?.[indexOf(list, ts)];
  }

  /** The replies to a message. */
  repliesTo(channelId: string, ts: string): Posted[] {
    return this.messages(channelId).filter(
      ({ message, visibleTo }) => visibleTo === undefined && message.thread_ts === ts && message.ts !== ts,
    );
  }

  keepMessage(posted: Posted): StateChange {
    const list = this.#listOf(posted.channel);
    const at = placeOf(list, posted.message.ts);
    list.splice(at, list[at]?.message.ts === posted.message.ts ? 1 : 0, posted);
    return { put: keyOf(posted), value: posted };
  }

  keepWithout(posted: Posted): StateChange {
    const list = this.#listOf(posted.channel);
    const at = indexOf(list, posted.message.ts);
    if (at !== -1) list.splice(at, 1);
    return { delete: keyOf(posted) };
  }

  file(id: string): SlackFile | undefined {
    return this.#files.get(id);
  }

  fileByTicket(ticket: string): SlackFile | undefined {
    return [...this.#files.values()].find(file => file.ticket === ticket);
  }

  nextFileId(): string {
    this.#lastFile += 1;
    return `F${String(this.#lastFile).padStart(4, "0")}`;
  }

  keepFile(file: SlackFile): StateChange {
    this.#files.set(file.id, file);
    return { put: `file/${file.id}`, value: file };
  }

  canvases(): Canvas[] {
    return [...this.#canvases.values()];
  }

  canvas(id: string): Canvas | undefined {
    return this.#canvases.get(id);
  }

  keepCanvas(canvas: Canvas): StateChange {
    this.#canvases.set(canvas.id, canvas);
    return { put: `canvas/${canvas.id}`, value: canvas };
  }

  #listOf(channelId: string): Posted[] {
    const list = this.#messages.get(channelId) ?? [];
    this.#messages.set(channelId, list);
    return list;
  }
}

const keyOf = ({ channel, message }: Posted) => `message/${channel}/${message.ts}`;

/** The index of the first message that is not earlier. Binary search, because a channel may have many thousand messages. */
const placeOf = (list: readonly Posted[], ts: string): number => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    // Timestamps of equal length sort as text.
    if (list[middle]!.message.ts < ts) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The index of the message with this timestamp; -1 if there is none. */
const indexOf = (list: readonly Posted[], ts: string): number => {
  const at = placeOf(list, ts);
  return list[at]?.message.ts === ts ? at : -1;
};

export { Workspace };
