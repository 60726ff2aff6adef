import { randomUUID } from "node:crypto";
import type { Cloud } from "@slack-fanout/laptop-cloud/kernel/service";
import type { State, StateChange } from "@slack-fanout/laptop-cloud/kernel/state";
import { createTraceRoot } from "@slack-fanout/laptop-cloud/kernel/trace";
import { type Installation, isDeliverable } from "./app";
import { type Commit, Deliveries, type OutgoingRequest, storeRequest } from "./deliveries";
import { type Bot, type Channel, enterprise, firstTeam, type Member, slackbot, type Team } from "./directory";
import type { ChangeOptions, Draft } from "./draft";
import {
  buildChangeEvents,
  buildEventContent,
  buildJoinEvents,
  buildMessageEvents,
  buildReactionEvents,
  buildUninstallEvents,
  type Recipient,
  type SlackEvent,
} from "./events";
import type { FileStore } from "./file-store";
import type { Grant, Installs } from "./installs";
import type { Message, Posted, Reaction } from "./message";
import { RateLimit } from "./rate-limit";
import type { RequestUrl } from "./request-url";
import { ResponseUrls } from "./response-urls";
import { Sessions } from "./sessions";
import { Streams } from "./streams";
import { secondsOf } from "./timestamp";
import { buildTransports, type InteractionContent, type InteractionPayload } from "./transports";
import { Triggers } from "./triggers";
import { Views } from "./views";
import { Workspace } from "./workspace";

/** A reaction that a user added or removed. */
interface ReactionChange {
  type: "reaction_added" | "reaction_removed";
  user: string;
  /** The emoji's name without colons. */
  name: string;
}

/** What the workspaces share. */
interface Shared {
  /** What the program has in Slack, wherever it is installed. */
  listing: Installation;
  installs: Installs;
  requestUrl: RequestUrl | undefined;
  files: FileStore;
  /** Aborted when the pretend Slack stops. */
  stopping: AbortSignal;
}

/** Everything that can happen in one workspace. Messages are posted, edited and deleted, and the app's doors are notified. */
class Slack {
  readonly url: string;
  readonly workspace: Workspace;
  readonly files: FileStore;
  readonly responseUrls: ResponseUrls;
  readonly requestUrl: RequestUrl | undefined;
  readonly listing: Installation;
  readonly bot: Bot;
  readonly views: Views;
  readonly triggers: Triggers;
  readonly rate: RateLimit;
  readonly sessions: Sessions;
  readonly streams: Streams;
  readonly #state: State;
  readonly #deliveries: Deliveries;
  readonly #installs: Installs;

  constructor(
    readonly cloud: Cloud,
    readonly team: Team,
    shared: Shared,
  ) {
    const { clock, occurrences, place } = cloud;
    this.bot = team.bot;
    this.listing = shared.listing;
    this.#installs = shared.installs;
    this.url = `${place.pageUrl}/slack`;
    this.#state = cloud.state(team === firstTeam ? "slack" : `slack/${team.id}`);
    this.workspace = new Workspace(this.#state, clock, team);
    this.views = new Views(this.#state, clock);
    this.triggers = new Triggers(clock);
    this.files = shared.files;
    this.responseUrls = new ResponseUrls(this.#state, clock, this.url, team.id);
    this.rate = new RateLimit(clock);
    this.sessions = new Sessions(cloud, this.workspace, this.#state);
    this.streams = new Streams(this);
    this.requestUrl = shared.requestUrl;
    this.#deliveries = new Deliveries({
      workspace: this.workspace,
      clock,
      occurrences,
      transports: buildTransports(this),
      signingSecret: shared.listing.secrets.signingSecret,
      stopping: shared.stopping,
    });
  }

  /** Whether the app is declared as an agent, which adds this scope. Source: https://docs.slack.dev/ai/agent-sessions */
  get isAgent(): boolean {
    return this.installation.app?.scopes.has("assistant:write") ?? false;
  }

  /** What allows the app to be in this workspace; undefined if it isn't. */
  get grant(): Grant | undefined {
    return this.#installs.grantOf(this.team.id);
  }

  /** Whether the app is here because the organisation installed it. */
  get isEnterpriseInstall(): boolean {
    return this.grant?.id === enterprise.id;
  }

  /** What the program has in this workspace: its app with the scopes that were granted, and in the first one the webhook. */
  get installation(): Installation {
    const { grant, listing } = this;
    const app = listing.app === undefined || grant === undefined ? undefined : { ...listing.app, scopes: grant.scopes };
    const webhook = this.team === firstTeam ? listing.webhook : undefined;
    return { ...listing, app, webhook, triggerWords: app === undefined && webhook === undefined ? [] : listing.triggerWords };
  }

  async load() {
    await this.workspace.load(this.grant !== undefined);
    await this.responseUrls.load();
    await this.views.load();
    await this.sessions.load();
    this.streams.load();
  }

  /** Sends the requests that an earlier run left unanswered. */
  async resume() {
    const requests = (await this.#state.entries<OutgoingRequest>("parcel/")).map(([, request]) => request);
    this.#deliveries.send(requests.sort((a, b) => a.dueMs - b.dueMs));
  }

  /** Abort `stopping` first. */
  async stop() {
    this.sessions.stop();
    this.streams.stop();
    await this.#deliveries.stop();
  }

  async post(draft: Draft): Promise<Posted> {
    const { posted, commit } = this.prepare(draft);
    await this.#write(commit);
    return posted;
  }

  /** Builds a message with its requests; the caller writes the changes in its own batch. */
  prepare({ channel, message: said, visibleTo, stream, trace = this.newTrace(), requests: more, changes = [] }: Draft): {
    posted: Posted;
    commit: Commit;
  } {
    const message = { ...said, ts: this.workspace.nextTimestamp() };
    const place = { channel: channel.id, ts: message.ts, trace };
    const events = visibleTo === undefined ? this.#events(channel, to => buildMessageEvents(to, channel, message)) : [];
    const requests = [
      ...events.map(event => this.#eventRequest(event, place)),
      ...(more?.(message.ts) ?? []).map(request => this.#request(request, place)),
    ];
    const deliveries = requests.map(request => this.#deliveries.buildDelivery(request));
    const posted: Posted = {
      channel: channel.id,
      message,
      deliveries,
      trace,
      ...(visibleTo === undefined ? {} : { visibleTo }),
      ...(stream === undefined ? {} : { stream }),
    };
    return { posted, commit: this.#commit("posted", posted, requests, [...changes, this.workspace.keepMessage(posted)]) };
  }

  async edit(channel: Channel, { message: previous, ...posted }: Posted, changes: Partial<Message>): Promise<Posted> {
    // Slack tells the time of an edit in whole seconds.
    const edited = { user: previous.user ?? this.bot.userId, ts: `${secondsOf(this.cloud.clock.nowMs())}.000000` };
    return this.change(channel, { ...posted, message: previous }, { ...previous, ...changes, edited });
  }

  /** Changes a message without the mark of an edit. `changes` are written in the same batch. */
  async change(
    channel: Channel,
    { message: previous, ...posted }: Posted,
    message: Message,
    { changes = [], isSilent = false }: ChangeOptions = {},
  ): Promise<Posted> {
    const ts = this.workspace.nextTimestamp();
    const isSent = posted.visibleTo === undefined && !isSilent;
    const events = isSent ? this.#events(channel, to => buildChangeEvents(to, channel, ts, { previous, changed: message })) : [];
    const requests = events.map(event => this.#eventRequest(event, { channel: channel.id, ts: previous.ts, trace: posted.trace }));
    const edited = this.#withRequests({ ...posted, message }, requests);
    await this.#write(this.#commit("edited", edited, requests, [...changes, this.workspace.keepMessage(edited)]));
    return edited;
  }

  /** Deletes a message. A message with replies leaves a tombstone, which goes with the last reply. */
  async remove(channel: Channel, posted: Posted) {
    const { ts, thread_ts: threadTs } = posted.message;
    if (posted.visibleTo === undefined && this.workspace.repliesTo(channel.id, ts).length > 0) {
      const tombstone = { subtype: "tombstone", text: "This message was deleted.", user: slackbot.id, hidden: true } as const;
      await this.change(channel, posted, { ts, thread_ts: ts, ...tombstone });
      return;
    }
    await this.#delete(channel, posted);
    const parent = threadTs === undefined ? undefined : this.workspace.find(channel.id, threadTs);
    if (parent !== undefined && isTombstone(parent.message) && this.workspace.repliesTo(channel.id, parent.message.ts).length === 0)
      await this.#delete(channel, parent);
  }

  async #delete(channel: Channel, posted: Posted) {
    const { message, trace, visibleTo } = posted;
    const ts = this.workspace.nextTimestamp();
    const events = visibleTo === undefined ? this.#events(channel, to => buildChangeEvents(to, channel, ts, { previous: message })) : [];
    const requests = events.map(event => this.#eventRequest(event, { channel: channel.id, ts: message.ts, trace }));
    await this.#write(this.#commit("removed", posted, requests, [this.workspace.keepWithout(posted)]));
  }

  /** Adds or removes a reaction. Returns false if that changes nothing. */
  async react(channel: Channel, posted: Posted, change: ReactionChange): Promise<boolean> {
    const { message, trace } = posted;
    const { type, ...who } = change;
    const reactions = changeReactions(message.reactions ?? [], change);
    if (reactions === undefined) return false;
    const given = { ...who, channel: channel.id, ts: message.ts, author: message.user, eventTs: this.workspace.nextTimestamp() };
    const events = this.#events(channel, to => buildReactionEvents(to, type, given));
    const requests = events.map(event => this.#eventRequest(event, { channel: channel.id, ts: message.ts, trace }));
    const changed = this.#withRequests({ ...posted, message: { ...message, reactions } }, requests);
    await this.#write(this.#commit("edited", changed, requests, [this.workspace.keepMessage(changed)]));
    return true;
  }

  /** Adds a person to the workspace and to a channel. `shown` is the person as the Web API shows them. */
  async join(channel: Channel, person: Member, shown: { id: string }): Promise<Posted> {
    const joined = { ...channel, members: [...channel.members, person.id] };
    const events = this.#events(channel, to => buildJoinEvents(to, channel, shown, this.workspace.nextTimestamp()));
    return this.post({
      channel: joined,
      message: { subtype: "channel_join", user: person.id, text: `<@${person.id}> has joined the channel` },
      changes: [this.workspace.keepPerson(person), this.workspace.keepChannel(joined)],
      requests: () => events.map(event => this.#buildEvent(event)),
    });
  }

  /** Sends a request about an existing message, such as a click. */
  async dispatch(posted: Posted, request: Pick<OutgoingRequest, "door" | "event" | "content">, changes: StateChange[]) {
    const made = this.#request(request, { channel: posted.channel, ts: posted.message.ts, trace: this.newTrace() });
    const shown = this.#withRequests(posted, [made]);
    await this.#write(this.#commit("edited", shown, [made], [...changes, this.workspace.keepMessage(shown)]));
  }

  /** Like `tell`; the message at `ts`, if there is one, shows the delivery. */
  async announce(channel: Channel, ts: string, event: SlackEvent) {
    const posted = this.workspace.find(channel.id, ts);
    if (posted === undefined) return this.tell(event);
    const place = { channel: channel.id, ts, trace: this.newTrace() };
    const events = this.#appEvents(({ app }) => (isDeliverable(app, event.type) ? [event] : []));
    const requests = events.map(each => this.#eventRequest(each, place));
    const shown = this.#withRequests(posted, requests);
    await this.#write(this.#commit("edited", shown, requests, [this.workspace.keepMessage(shown)]));
  }

  newTrace() {
    return createTraceRoot(this.cloud.clock.nowMs());
  }

  #events(channel: Channel, build: (to: Recipient) => SlackEvent[]): SlackEvent[] {
    return this.workspace.botIsIn(channel.id) ? this.#appEvents(build) : [];
  }

  #appEvents(build: (to: Recipient) => SlackEvent[]): SlackEvent[] {
    const { app } = this.installation;
    return app?.eventsUrl === undefined ? [] : build({ app, team: this.team });
  }

  /** Sends an event that belongs to no message, if the app subscribed to it. */
  async tell(event: SlackEvent) {
    await this.#send(this.#appEvents(({ app }) => (isDeliverable(app, event.type) ? [event] : [])).map(each => this.#buildEvent(each)));
  }

  /** Sends what a person did in a view. */
  async sendInteraction(name: string, payload: InteractionPayload, changes: StateChange[]) {
    const content: InteractionContent = { payload };
    await this.#send([{ door: "interactions", event: name, content }], changes);
  }

  /** Sends requests that belong to no message. */
  async #send(requests: Pick<OutgoingRequest, "door" | "event" | "content">[], changes: StateChange[] = []) {
    const place = { channel: "", ts: "", trace: this.newTrace() };
    const made = requests.map(request => this.#request(request, place));
    await this.workspace.write([...changes, ...made.map(storeRequest)]);
    this.#deliveries.send(made);
  }

  /** Records that a person sees another view, so that the page reads it again. */
  recordView(user: string) {
    this.cloud.occurrences.record({
      atMs: this.cloud.clock.nowMs(),
      kind: "slack",
      from: this.bot.userId,
      to: "slack",
      detail: { change: "view", user },
    });
  }

  /** Sends the events of an app that is about to be uninstalled. */
  async tellUninstall() {
    const eventTs = this.workspace.nextTimestamp();
    await this.#send(this.#appEvents(to => buildUninstallEvents(to, eventTs)).map(event => this.#buildEvent(event)));
  }

  /** Removes the bot of an app that was uninstalled. */
  async dismiss() {
    await this.workspace.removeBot();
    this.#recordInstall("uninstalled");
  }

  /** Adds the bot of an app that was installed. */
  async welcome() {
    await this.workspace.addBot();
    this.#recordInstall("installed");
  }

  #recordInstall(change: "installed" | "uninstalled") {
    this.cloud.occurrences.record({
      atMs: this.cloud.clock.nowMs(),
      kind: "slack",
      from: this.bot.userId,
      to: "slack",
      detail: { change, team: this.team.id },
    });
  }

  #eventRequest(event: SlackEvent, place: Pick<OutgoingRequest, "channel" | "ts" | "trace">): OutgoingRequest {
    return this.#request(this.#buildEvent(event), place);
  }

  #buildEvent(event: SlackEvent): Pick<OutgoingRequest, "door" | "event" | "content"> {
    return {
      door: "events",
      event: event.type,
      content: buildEventContent(event, secondsOf(this.cloud.clock.nowMs()), this.isEnterpriseInstall),
    };
  }

  #request(
    request: Pick<OutgoingRequest, "door" | "event" | "content">,
    place: Pick<OutgoingRequest, "channel" | "ts" | "trace">,
  ): OutgoingRequest {
    return { id: randomUUID(), ...request, ...place, tries: 0, dueMs: this.cloud.clock.nowMs() };
  }

  #withRequests(posted: Posted, requests: OutgoingRequest[]): Posted {
    return { ...posted, deliveries: [...posted.deliveries, ...requests.map(request => this.#deliveries.buildDelivery(request))] };
  }

  #commit(change: "posted" | "edited" | "removed", posted: Posted, requests: OutgoingRequest[], changes: StateChange[]): Commit {
    const after = () => {
      const { channel, message, trace, visibleTo } = posted;
      const detail = {
        change,
        channel,
        ts: message.ts,
        ...(message.user === undefined ? {} : { user: message.user }),
        ...(visibleTo === undefined ? {} : { visibleTo }),
      };
      this.cloud.occurrences.record({
        atMs: this.cloud.clock.nowMs(),
        kind: "slack",
        trace,
        from: message.user ?? "slack",
        to: "slack",
        detail,
      });
      this.#deliveries.send(requests);
    };
    return { changes: [...changes, ...requests.map(storeRequest)], after };
  }

  async #write({ changes, after }: Commit) {
    await this.workspace.write(changes);
    after();
  }
}

const isTombstone = ({ subtype }: Message) => subtype === "tombstone";

/** The reactions after a change; undefined if it changes nothing. */
const changeReactions = (reactions: Reaction[], { type, user, name }: ReactionChange): Reaction[] | undefined => {
  const users = reactions.find(each => each.name === name)?.users ?? [];
  if (users.includes(user) === (type === "reaction_added")) return undefined;
  const changed = { name, users: type === "reaction_added" ? [...users, user] : users.filter(each => each !== user) };
  const isNew = users.length === 0;
  return (isNew ? [...reactions, changed] : reactions.map(each => (each.name === name ? changed : each))).filter(
    each => each.users.length > 0,
  );
};

export type { Shared };
export { isTombstone, Slack };
