import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebClient } from "@slack/web-api";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type Doors, startDoors } from "./doors";
import { buildManifest, secrets, startWorkspace, type TestWorkspace } from "./workspace";

const client = { client_id: "100.200", client_secret: "a-client-secret" };
const scope = "app_mentions:read,chat:write,channels:read,channels:history,commands,users:read";

/** A program that people can install, with a manifest changed by `settings`. */
const buildInstallable = (url: string, settings: object = {}) => {
  const manifest = buildManifest(url);
  const botEvents = [...manifest.settings.event_subscriptions.bot_events, "app_uninstalled", "tokens_revoked"];
  return {
    outputs: {
      slackManifest: JSON.stringify({
        ...manifest,
        oauth_config: { ...manifest.oauth_config, redirect_urls: [`${url}/install/callback`] },
        settings: {
          ...manifest.settings,
          event_subscriptions: { ...manifest.settings.event_subscriptions, bot_events: botEvents },
          ...settings,
        },
      }),
    },
    config: { "any-project:slackClientId": client.client_id, "any-project:slackClientSecret": client.client_secret },
  };
};

interface Envelope {
  team_id: string;
  context_team_id: string;
  enterprise_id?: string;
  authorizations: { team_id: string | null; enterprise_id: string | null; user_id: string; is_enterprise_install: boolean }[];
  event: { type: string; text?: string; tokens?: object };
}

describe("slack installations", () => {
  let doors: Doors;
  let workspace: TestWorkspace;
  let directory: string;

  beforeEach(async () => {
    doors = await startDoors();
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
    workspace = await startWorkspace(doors, { program: buildInstallable(doors.url), directory });
  });

  afterEach(async () => {
    await workspace.stop();
    await doors.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const restart = async (settings: object = {}) => {
    await workspace.stop();
    workspace = await startWorkspace(doors, { program: buildInstallable(doors.url, settings), directory });
  };

  const visit = (changes: Record<string, string | undefined> = {}) => {
    const asked = { client_id: client.client_id, scope, state: "a-state", redirect_uri: `${doors.url}/install/callback`, ...changes };
    const query = Object.entries(asked).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return fetch(`${workspace.slackUrl}/oauth/v2/authorize?${new URLSearchParams(query)}`, { redirect: "manual" });
  };

  const consent = async (changes: Record<string, string> = { team: "T0002" }) => {
    const response = await visit({ approve: "1", ...changes });
    expect(response.status).to.equal(302);
    return new URL(response.headers.get("location")!).searchParams.get("code")!;
  };

  const oauth = () => new WebClient(undefined, { slackApiUrl: `${workspace.slackUrl}/api/`, retryConfig: { retries: 0 } });
  const install = async (choice?: Record<string, string>) => oauth().oauth.v2.access({ ...client, code: await consent(choice) });
  const errorOf = (call: Promise<unknown>) =>
    call.then(
      () => "none",
      (error: { data?: { error?: string } }) => error.data?.error,
    );
  const envelopes = () => doors.at("/events").map(({ body }) => JSON.parse(body) as Envelope);

  describe("the consent page", () => {
    it("names the app, what it may do and the workspaces, and goes back with a code and the state", async () => {
      const page = await (await visit()).text();
      expect(page)
        .to.include("Fan-out asks for access")
        .and.include("<code>chat:write</code>")
        .and.include('<option value="T0002" selected>');
      const allowed = new URL((await visit({ team: "T0002", approve: "1" })).headers.get("location")!);
      expect(`${allowed.origin}${allowed.pathname}`).to.equal(`${doors.url}/install/callback`);
      expect(allowed.searchParams.get("state")).to.equal("a-state");
      expect(allowed.searchParams.get("code")).to.match(/^\d+\.[0-9a-f]{64}$/);
      const refused = new URL((await visit({ deny: "1" })).headers.get("location")!);
      expect([...refused.searchParams]).to.deep.equal([
        ["error", "access_denied"],
        ["state", "a-state"],
      ]);
    });

    for (const [name, changes, code] of [
      ["another client id", { client_id: "1.2" }, "invalid_client_id"],
      ["an address of another site", { redirect_uri: "http://127.0.0.1:1/install/callback" }, "bad_redirect_uri"],
      ["an address that only begins alike", { redirect_uri: "/install/callback-of-another" }, "bad_redirect_uri"],
      ["a scope that the manifest lacks", { scope: "admin" }, "invalid_scope"],
      ["no scope", { scope: undefined }, "invalid_scope"],
      ["another workspace", { team: "T0003", approve: "1" }, "team_not_found"],
      ["an organisation, where the app is not for organisations", { enterprise: "E0001", approve: "1" }, "org_install_not_allowed"],
    ] as const) {
      it(`refuses ${name} on a page without a link back`, async () => {
        const uri =
          "redirect_uri" in changes && changes.redirect_uri.startsWith("/") ? { redirect_uri: doors.url + changes.redirect_uri } : {};
        const response = await visit({ ...changes, ...uri });
        expect(response.status).to.equal(400);
        expect(await response.text()).to.include(`<code>${code}</code>`);
      });
    }
  });

  describe("oauth.v2.access", () => {
    it("answers with the installation, once per code", async () => {
      const code = await consent();
      const answer = await oauth().oauth.v2.access({ ...client, code, redirect_uri: `${doors.url}/install/callback` });
      expect(answer.access_token).to.match(/^xoxb-/);
      const { access_token: _token, response_metadata: _metadata, ...rest } = answer;
      expect(rest).to.deep.include({
        ok: true,
        token_type: "bot",
        scope,
        bot_user_id: "UBOT02",
        app_id: "A0001",
        team: { id: "T0002", name: "Second workspace" },
        enterprise: null,
        is_enterprise_install: false,
        authed_user: { id: "U1001" },
      });
      expect(await errorOf(oauth().oauth.v2.access({ ...client, code }))).to.equal("code_already_used");
    });

    it("refuses wrong secrets, codes and addresses, and a code after ten minutes", async () => {
      const code = await consent();
      const access = (changes: object) => errorOf(oauth().apiCall("oauth.v2.access", { ...client, code, ...changes }));
      expect(await access({ client_secret: "another" })).to.equal("bad_client_secret");
      expect(await access({ client_id: "1.2" })).to.equal("invalid_client_id");
      expect(await access({ code: "another" })).to.equal("invalid_code");
      expect(await access({ redirect_uri: `${doors.url}/install/callback/x` })).to.equal("bad_redirect_uri");
      expect(await access({ grant_type: "password" })).to.equal("invalid_grant_type");
      workspace.cloud.clock.advance(601);
      expect(await access({})).to.equal("invalid_code");
    });

    it("accepts the client by HTTP Basic authentication", async () => {
      const authorization = `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString("base64")}`;
      const body = new URLSearchParams({ code: await consent() });
      const response = await fetch(`${workspace.slackUrl}/api/oauth.v2.access`, { method: "POST", headers: { authorization }, body });
      expect(await response.json()).to.include({ ok: true, bot_user_id: "UBOT02" });
    });

    it("keeps the token over a restart and a second installation, which adds scopes", async () => {
      const { access_token: token } = await install();
      await restart();
      expect(await workspace.web(token).auth.test()).to.include({ team_id: "T0002", user_id: "UBOT02" });
      expect(await errorOf(workspace.web(token).reactions.add({ channel: "C1001", timestamp: "1.0", name: "tada" }))).to.equal(
        "missing_scope",
      );
      const again = await oauth().oauth.v2.access({ ...client, code: await consent({ team: "T0002", scope: "reactions:write" }) });
      expect(again.access_token).to.equal(token);
      expect(again.scope).to.equal(`${scope},reactions:write`);
    });
  });

  describe("a second workspace", () => {
    it("has the app only once it is installed, and sends events and commands as its own", async () => {
      await workspace.say({ team: "T0002", user: "U1001", channel: "C1001", text: "before" });
      await workspace.say({ user: "U1001", channel: "C1001", text: "/dibs" });
      const { access_token: token } = await install();
      await workspace.say({ team: "T0002", user: "U1001", channel: "C1001", text: "after <@UBOT02>" });
      await workspace.say({ user: "U1002", channel: "C1001", text: "/dibs on staging" });
      await eventually(() => doors.received.length === 3);
      for (const envelope of envelopes()) {
        expect(envelope).to.include({ team_id: "T0002", context_team_id: "T0002" });
        expect(envelope.event.text).to.equal("after <@UBOT02>");
        expect(envelope.authorizations).to.deep.equal([
          { enterprise_id: null, team_id: "T0002", user_id: "UBOT02", is_bot: true, is_enterprise_install: false },
        ]);
      }
      const command = new URLSearchParams(doors.at("/commands")[0]!.body);
      expect(command.get("team_id")).to.equal("T0002");
      expect(command.get("response_url")).to.match(/\/commands\/T0002\//);

      await workspace.web(token).chat.postMessage({ channel: "C1001", text: "from the app" });
      expect((await workspace.messages("C1001", "U1001")).at(-1)!.text).to.equal("from the app");
      expect(await errorOf(workspace.web(token).chat.postMessage({ channel: "C0001", text: "x" }))).to.equal("channel_not_found");
      expect(await errorOf(workspace.web().chat.postMessage({ channel: "C1001", text: "x" }))).to.equal("channel_not_found");
      const { members } = await workspace.web(token).users.list({});
      expect(members!.map(({ id }) => id)).to.deep.equal(["U1001", "U1002", "UBOT02", "USLACKBOT"]);
    });

    it("is the one of the person and the channel, and team must fit", async () => {
      const wrong = await workspace.post("say", { team: "T0002", user: "U0001", channel: "C0001", text: "x" });
      expect(wrong.body.message).to.equal('team is "T0002", but must be T0001, the workspace of "U0001".');
      const stranger = await workspace.post("say", { user: "U0001", channel: "C1001", text: "x" });
      expect(stranger.body.error).to.equal("channel_not_found");
      const joined = await workspace.post("join", { team: "T0002", name: "Fay Osei" });
      expect(joined.body.user).to.equal("U1003");
    });
  });

  describe("uninstalling", () => {
    it("ends the token, tells the app, and the next installation has another token", async () => {
      const { access_token: token } = await install();
      const { body } = await workspace.post("uninstall", { team: "T0002" });
      expect(body).to.deep.equal({ ok: true });
      await eventually(() => doors.at("/events").length === 2);
      expect(envelopes().map(({ event }) => event.type)).to.have.members(["app_uninstalled", "tokens_revoked"]);
      expect(envelopes().find(({ event }) => event.type === "tokens_revoked")!.event.tokens).to.deep.equal({ oauth: [], bot: ["UBOT02"] });
      expect(envelopes().every(each => each.team_id === "T0002")).to.equal(true);
      expect(await errorOf(workspace.web(token).auth.test())).to.equal("account_inactive");
      const { body: twice } = await workspace.post("uninstall", { team: "T0002" });
      expect(twice.error).to.equal("team_not_found");
      const again = await install();
      expect(again.access_token).not.to.equal(token);
      expect(await errorOf(workspace.web(token).auth.test())).to.equal("account_inactive");
      expect((await workspace.web(again.access_token).auth.teams.list({})).teams).to.deep.equal([
        { id: "T0002", name: "Second workspace" },
      ]);
    });

    it("happens by auth.revoke, which revokes the token, and by apps.uninstall with the client's secret", async () => {
      const { access_token: token } = await install();
      expect(await workspace.web(token).auth.revoke({ test: true })).to.include({ revoked: false });
      expect(await workspace.web(token).auth.revoke({})).to.include({ revoked: true });
      expect(await errorOf(workspace.web(token).auth.test())).to.equal("token_revoked");
      const { access_token: next } = await install();
      expect(await errorOf(workspace.web(next).apps.uninstall({ ...client, client_secret: "another" }))).to.equal("bad_client_secret");
      await workspace.web(next).apps.uninstall(client);
      expect(await errorOf(workspace.web(next).auth.test())).to.equal("account_inactive");
    });

    it("of a custom app ends the token of its settings, also after a restart", async () => {
      await workspace.post("uninstall", { team: "T0001" });
      await restart();
      expect(await errorOf(workspace.web().auth.test())).to.equal("account_inactive");
      await workspace.say({ text: "nobody listens" });
      expect((await workspace.messages()).at(-1)!.deliveries).to.deep.equal([]);
    });
  });

  describe("token rotation", () => {
    it("exchanges each refresh token once, and the old token works until it expires", async () => {
      await restart({ token_rotation_enabled: true });
      const first = await install();
      expect(first).to.include({ expires_in: 43_200 });
      const refresh = (token: string | undefined) =>
        oauth().oauth.v2.access({ ...client, grant_type: "refresh_token", refresh_token: token ?? "" });
      workspace.cloud.clock.advance(43_000);
      const second = await refresh(first.refresh_token);
      expect(second.team).to.deep.equal({ id: "T0002", name: "Second workspace" });
      expect(await errorOf(refresh(first.refresh_token))).to.equal("invalid_refresh_token");
      await workspace.web(first.access_token).auth.test();
      workspace.cloud.clock.advance(300);
      expect(await errorOf(workspace.web(first.access_token).auth.test())).to.equal("token_expired");
      await workspace.web(second.access_token).auth.test();
      await workspace.post("uninstall", { team: "T0002" });
      expect(await errorOf(refresh(second.refresh_token))).to.equal("invalid_refresh_token");
    });

    it("begins for a token that doesn't expire by oauth.v2.exchange", async () => {
      const { access_token: token = "" } = await install();
      expect(await errorOf(oauth().oauth.v2.exchange({ ...client, token }))).to.equal("token_rotation_not_enabled");
      await restart({ token_rotation_enabled: true });
      const exchanged = await oauth().oauth.v2.exchange({ ...client, token });
      expect(exchanged.refresh_token).to.match(/^xoxe-1-/);
      expect(await errorOf(workspace.web(token).auth.test())).to.equal("token_revoked");
      await workspace.web(exchanged.access_token).auth.test();
    });
  });

  it("of the organisation are in both workspaces, by one token", async () => {
    await workspace.post("uninstall", { team: "T0001" });
    await restart({ org_deploy_enabled: true });
    const { access_token: token, ...answer } = await install({ enterprise: "E0001" });
    expect(answer).to.deep.include({
      team: null,
      enterprise: { id: "E0001", name: "Pretend organisation" },
      is_enterprise_install: true,
      authed_user: { id: "U0001" },
    });
    const web = workspace.web(token);
    expect((await web.auth.teams.list({})).teams!.map(({ id }) => id)).to.deep.equal(["T0001", "T0002"]);
    doors.received.length = 0;
    await workspace.say({ user: "U1001", channel: "C1001", text: "hello" });
    await eventually(() => doors.at("/events").length === 1);
    const [envelope] = envelopes();
    expect(envelope).to.include({ team_id: "T0002", context_team_id: "T0002", enterprise_id: "E0001" });
    expect(envelope!.authorizations).to.deep.equal([
      { enterprise_id: "E0001", team_id: null, user_id: "UBOT02", is_bot: true, is_enterprise_install: true },
    ]);
    await web.chat.postMessage({ channel: "C1001", text: "from the app" });
    expect(await errorOf(web.conversations.list({}))).to.equal("missing_argument");
    expect((await web.conversations.list({ team_id: "T0002" })).channels!.map(({ id }) => id)).to.deep.equal(["C1001"]);
  });

  it("begin in the first workspace through the program's own door", async () => {
    await workspace.stop();
    await rm(directory, { recursive: true, force: true });
    const program = buildInstallable(doors.url);
    let token: string | undefined;
    doors.answer(({ path, headers }) => {
      const url = new URL(path, doors.url);
      if (url.pathname === "/install") {
        const asked = { client_id: client.client_id, scope, state: "s", redirect_uri: `${doors.url}/install/callback` };
        const location = `${workspace.slackUrl}/oauth/v2/authorize?${new URLSearchParams(asked)}`;
        return { status: 302, headers: { location, "set-cookie": "bound=yes; Path=/; HttpOnly" } };
      }
      if (url.pathname !== "/install/callback") return {};
      if (headers.cookie !== "bound=yes") return { status: 400 };
      const exchanged = oauth()
        .oauth.v2.access({ ...client, code: url.searchParams.get("code")! })
        .then(answer => {
          token = answer.access_token;
        });
      return { until: exchanged };
    });
    workspace = await startWorkspace(doors, {
      program: { ...program, outputs: { ...program.outputs, installUrl: `${doors.url}/install` } },
      directory,
    });
    expect(await errorOf(workspace.web().auth.test())).to.equal("invalid_auth");
    // What people say waits for the installation.
    await workspace.say({ text: "hello" });
    await eventually(() => doors.at("/events").length === 1);
    expect(await workspace.web(token).auth.test()).to.include({ team_id: "T0001", user_id: "UBOT01" });
    expect(secrets.bot).not.to.equal(token);
  });
});
