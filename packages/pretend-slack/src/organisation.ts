import { HttpError, quote } from "@slack-fanout/laptop-cloud/kernel/http";
import type { Cloud } from "@slack-fanout/laptop-cloud/kernel/service";
import type { Installation } from "./app";
import { enterprise, teams } from "./directory";
import { FileStore } from "./file-store";
import { installThroughDoor } from "./install-through-door";
import { Installs } from "./installs";
import { RequestUrl } from "./request-url";
import { Slack } from "./slack";

/** The workspaces, and where the program's app is installed. Ids decide which workspace a request is about: no two share one. */
class Organisation {
  readonly url: string;
  readonly workspaces: readonly Slack[];
  readonly installs: Installs;
  readonly #requestUrl: RequestUrl | undefined;
  readonly #stopping = new AbortController();
  #installing: Promise<void> | undefined;

  constructor(
    readonly cloud: Cloud,
    readonly listing: Installation,
  ) {
    const { clock, directory, place } = cloud;
    const { app, secrets } = listing;
    const { signal: stopping } = this.#stopping;
    this.url = `${place.pageUrl}/slack`;
    this.installs = new Installs(cloud.state("slack/installs"), clock, listing);
    this.#requestUrl = app?.eventsUrl === undefined ? undefined : new RequestUrl(app.eventsUrl, secrets, clock, stopping);
    const shared = { listing, installs: this.installs, requestUrl: this.#requestUrl, files: new FileStore(directory), stopping };
    this.workspaces = teams.map(team => new Slack(cloud, team, shared));
  }

  async load() {
    await this.installs.load();
    for (const slack of this.workspaces) await slack.load();
  }

  /** Verifies the request URL, sends what an earlier run left unanswered, and installs the app in the first workspace. */
  async resume() {
    // Not awaited: the program's doors are open only once every service has resumed. The app's status shows the outcome.
    void this.#requestUrl?.verify();
    for (const slack of this.workspaces) await slack.resume();
    const { app, installUrl, problems } = this.listing;
    if (app === undefined || installUrl === undefined || this.installs.isKnown(this.first.team.id)) return;
    this.#installing = installThroughDoor(installUrl, this.first.team.id, this.#stopping.signal).then(problem => {
      if (problem !== undefined) problems.push(problem);
    });
  }

  /** Resolves once the app is installed in the first workspace, or has failed to be, so that what people say then is not lost. */
  async installed() {
    await this.#installing;
  }

  async stop() {
    this.#stopping.abort();
    await this.#installing;
    for (const slack of this.workspaces) await slack.stop();
  }

  get first(): Slack {
    return this.workspaces[0]!;
  }

  workspace(id: string): Slack | undefined {
    return this.workspaces.find(({ team }) => team.id === id);
  }

  /** The workspace of a person or a bot. */
  ofMember(id: unknown): Slack | undefined {
    return this.workspaces.find(({ workspace, bot }) => workspace.person(String(id)) !== undefined || bot.userId === id);
  }

  ofChannel(id: unknown): Slack | undefined {
    return this.workspaces.find(({ workspace }) => workspace.channel(String(id)) !== undefined);
  }

  /** The workspace of what a person does, by `user`, else `channel`, else `team`, which must fit. Throws `HttpError` 400. */
  ofRequest({ team, user, channel }: Record<string, unknown>): Slack {
    const named = this.#named(team);
    const found = this.ofMember(user) ?? this.ofChannel(channel) ?? named ?? this.first;
    if (named !== undefined && named !== found)
      throw new HttpError(
        400,
        "team_not_found",
        `team is ${quote(team)}, but must be ${found.team.id}, the workspace of ${quote(user ?? channel)}.`,
      );
    return found;
  }

  #named(team: unknown): Slack | undefined {
    if (team === undefined || team === null) return undefined;
    const known = this.workspaces.map(each => each.team.id);
    return this.workspace(String(team)) ?? refuseTeam(`team is ${quote(team)}, but must be ${known.join(" or ")}.`);
  }

  /** The workspaces that an installation is in. */
  workspacesOf(grantId: string): Slack[] {
    return this.workspaces.filter(({ grant }) => grant?.id === grantId);
  }

  /** Brings the app's bot to the workspaces of an installation. */
  async welcome(grantId: string) {
    for (const slack of this.workspacesOf(grantId)) await slack.welcome();
  }

  /**
   * Uninstalls the app from a workspace, or from all where the organisation installed it. Its tokens end, and the app is told.
   * `revokedToken`: the token that the app revoked itself.
   */
  async uninstall(grantId: string, revokedToken?: string) {
    const [told, ...others] = this.workspacesOf(grantId);
    await told?.tellUninstall();
    await this.installs.remove(grantId, revokedToken);
    for (const slack of told === undefined ? [] : [told, ...others]) await slack.dismiss();
  }

  /** `POST {slack}/uninstall`: an admin uninstalls the app. Throws `HttpError` 400. */
  async uninstallFrom(team: unknown): Promise<{ ok: true }> {
    const grantId = team === enterprise.id ? enterprise.id : this.#named(team ?? "")?.grant?.id;
    if (grantId === undefined || this.workspacesOf(grantId).length === 0)
      refuseTeam(`team is ${quote(team)}, but must be a workspace that has the app.`);
    else await this.uninstall(grantId);
    return { ok: true };
  }
}

const refuseTeam = (sentence: string): never => {
  throw new HttpError(400, "team_not_found", sentence);
};

export { Organisation };
