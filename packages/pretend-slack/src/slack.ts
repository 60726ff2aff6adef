import { randomUUID } from "node:crypto";
import type { Cloud } from "../../laptop-cloud/src/kernel/service";
import type { State, StateChange } from "../../laptop-cloud/src/kernel/state";
import { createTraceRoot } from "../../laptop-cloud/src/kernel/trace";
import type { Installation } from "./app";
import { type Commit, type Parcel, PostOffice } from "./deliveries";
import { bot, type Channel, team } from "./directory";
import type { Draft } from "./draft";
import { buildChangeEvents, buildEventContent, buildMessageEvents, buildReactionEvents, type SlackEvent } from "./events";
import { FileStore } from "./file-store";
import type { Message, Posted } from "./message";
import { RateLimit } from "./rate-limit";
import { RequestUrl } from "./request-url";
import { ResponseUrls } from "./response-urls";
import { secondsOf } from "./timestamp";
import { buildCarriers } from "./transports";
import { Workspace } from "./workspace";

/** Who reacted with what, or took it back. */
interface ReactionChange {
  type: "reaction_added" | "reaction_removed";
  user: string;
  /** The emoji's, without colons. */
  name: string;
}

/** What can happen in the workspace, whoever does it: messages come, change and go, and the app's doors hear of it. */
class Slack {
  readonly url: string;
  readonly workspace: Workspace;
  readonly files: FileStore;
  readonly responseUrls: ResponseUrls;
  readonly requestUrl: RequestUrl | undefined;
  /** Of `chat.postMessage`. */
  readonly rate: RateLimit;
  readonly #state: State;
  readonly #office: PostOffice;
  readonly #stopping = new AbortController();

  constructor(
    readonly cloud: Cloud,
    readonly installation: Installation,
  ) {
    const { clock, directory, occurrences, place } = cloud;
    this.url = `${place.pageUrl}/slack`;
    this.#state = cloud.state("slack");
    this.workspace = new Workspace(this.#state, clock);
    this.files = new FileStore(directory);
    this.responseUrls = new ResponseUrls(this.#state, clock, this.url, team.id);
    this.rate = new RateLimit(clock);
    const { app, secrets } = installation;
    this.requestUrl = app?.eventsUrl === undefined ? undefined : new RequestUrl(app.eventsUrl, secrets, clock, this.#stopping.signal);
    this.#office = new PostOffice(this.workspace, clock, occurrences, buildCarriers(this), secrets.signingSecret, this.#stopping.signal);
  }

  async load() {
    await this.workspace.load();
    await this.responseUrls.load();
  }

  /** Has the request URL verified, and sends what an earlier run still owed. */
  async resume() {
    // Not awaited: the program's doors stand only once every service has resumed. The outcome is on the app's status.
    void this.requestUrl?.verify();
    const parcels = (await this.#state.entries<Parcel>("parcel/")).map(([, parcel]) => parcel);
    this.#office.send(parcels.sort((a, b) => a.dueMs - b.dueMs));
  }

  async stop() {
    this.#stopping.abort();
    await this.#office.stop();
  }

  async post(draft: Draft): Promise<Posted> {
    const { posted, commit } = this.prepare(draft);
    await this.#carryOut(commit);
    return posted;
  }

  /** Makes a message, its events and its parcels, for a batch that the caller writes. */
  prepare({ channel, message: said, visibleTo, trace = this.newTrace(), parcels: more, changes = [] }: Draft): {
    posted: Posted;
    commit: Commit;
  } {
    const message = { ...said, ts: this.workspace.nextTimestamp() };
    const place = { channel: channel.id, ts: message.ts, trace };
    const events = visibleTo === undefined ? this.#events(channel, app => buildMessageEvents(app, channel, message)) : [];
    const parcels = [
      ...events.map(event => this.#eventParcel(event, place)),
      ...(more?.(message.ts) ?? []).map(parcel => this.#parcel(parcel, place)),
    ];
    const deliveries = parcels.map(parcel => this.#office.buildDelivery(parcel));
    const posted: Posted = { channel: channel.id, message, deliveries, trace, ...(visibleTo === undefined ? {} : { visibleTo }) };
    return { posted, commit: this.#commit("posted", posted, parcels, [...changes, this.workspace.keepMessage(posted)]) };
  }

  async edit(channel: Channel, { message: previous, ...posted }: Posted, changes: Partial<Message>): Promise<Posted> {
    const ts = this.workspace.nextTimestamp();
    const message = { ...previous, ...changes, edited: { user: bot.userId, ts } };
    const events =
      posted.visibleTo === undefined ? this.#events(channel, app => buildChangeEvents(app, channel, ts, previous, message)) : [];
    const parcels = events.map(event => this.#eventParcel(event, { channel: channel.id, ts: previous.ts, trace: posted.trace }));
    const edited = this.#withParcels({ ...posted, message }, parcels);
    await this.#carryOut(this.#commit("edited", edited, parcels, [this.workspace.keepMessage(edited)]));
    return edited;
  }

  async remove(channel: Channel, posted: Posted) {
    const { message, trace, visibleTo } = posted;
    const ts = this.workspace.nextTimestamp();
    const events = visibleTo === undefined ? this.#events(channel, app => buildChangeEvents(app, channel, ts, message)) : [];
    const parcels = events.map(event => this.#eventParcel(event, { channel: channel.id, ts: message.ts, trace }));
    await this.#carryOut(this.#commit("removed", posted, parcels, [this.workspace.keepWithout(posted)]));
  }

  /** Changes who reacted; `reactions` is the message's whole new list. */
  async react(channel: Channel, posted: Posted, reactions: Message["reactions"], { type, ...who }: ReactionChange) {
    const { message, trace } = posted;
    const given = { ...who, channel: channel.id, ts: message.ts, author: message.user, eventTs: this.workspace.nextTimestamp() };
    const events = this.#events(channel, app => buildReactionEvents(app, type, given));
    const parcels = events.map(event => this.#eventParcel(event, { channel: channel.id, ts: message.ts, trace }));
    const changed = this.#withParcels({ ...posted, message: { ...message, reactions } }, parcels);
    await this.#carryOut(this.#commit("edited", changed, parcels, [this.workspace.keepMessage(changed)]));
  }

  /** Sends something about a message that is there already: a button was pressed. */
  async dispatch(posted: Posted, parcel: Pick<Parcel, "door" | "event" | "content">, changes: StateChange[]) {
    const made = this.#parcel(parcel, { channel: posted.channel, ts: posted.message.ts, trace: this.newTrace() });
    const shown = this.#withParcels(posted, [made]);
    await this.#carryOut(this.#commit("edited", shown, [made], [...changes, this.workspace.keepMessage(shown)]));
  }

  newTrace() {
    return createTraceRoot(this.cloud.clock.nowMs());
  }

  #events(channel: Channel, build: (app: NonNullable<Installation["app"]>) => SlackEvent[]): SlackEvent[] {
    const { app } = this.installation;
    return app?.eventsUrl !== undefined && this.workspace.botIsIn(channel.id) ? build(app) : [];
  }

  #eventParcel(event: SlackEvent, place: Pick<Parcel, "channel" | "ts" | "trace">): Parcel {
    const content = buildEventContent(event, secondsOf(this.cloud.clock.nowMs()));
    return this.#parcel({ door: "events", event: event.type, content }, place);
  }

  #parcel(parcel: Pick<Parcel, "door" | "event" | "content">, place: Pick<Parcel, "channel" | "ts" | "trace">): Parcel {
    return { id: randomUUID(), ...parcel, ...place, tries: 0, dueMs: this.cloud.clock.nowMs() };
  }

  #withParcels(posted: Posted, parcels: Parcel[]): Posted {
    return { ...posted, deliveries: [...posted.deliveries, ...parcels.map(parcel => this.#office.buildDelivery(parcel))] };
  }

  #commit(change: "posted" | "edited" | "removed", posted: Posted, parcels: Parcel[], changes: StateChange[]): Commit {
    const after = () => {
      const { channel, message, trace } = posted;
      const detail = { change, channel, ts: message.ts, ...(message.user === undefined ? {} : { user: message.user }) };
      this.cloud.occurrences.record({
        atMs: this.cloud.clock.nowMs(),
        kind: "slack",
        trace,
        from: message.user ?? "slack",
        to: "slack",
        detail,
      });
      this.#office.send(parcels);
    };
    return { changes: [...changes, ...parcels.map(PostOffice.keep)], after };
  }

  async #carryOut({ changes, after }: Commit) {
    await this.workspace.write(changes);
    after();
  }
}

export { Slack };
