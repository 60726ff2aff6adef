import { expect } from "chai";
import sinon from "sinon";
import { SlackBusy, SlackRefused } from "#core/errors";
import { Install, type InstallRequest } from "#functions/workspaces/install";

const NOW_MS = 1_763_805_600_000;
const ANSWER = {
  ok: true as const,
  access_token: "xoxb-1",
  scope: "commands,chat:write",
  bot_user_id: "UBOT01",
  app_id: "A0001",
  team: { id: "T0001", name: "<b>Example</b>" },
  authed_user: { id: "U0001" },
};

describe("install", () => {
  const make = (settings: { installUrl?: string; clientId?: string | undefined } = {}, clientSecret = "client-secret") => {
    const parts = {
      slack: { call: sinon.stub().resolves(ANSWER) },
      states: { use: sinon.stub().resolves(true) },
      installations: { install: sinon.stub().resolves() },
      cipher: { encrypt: sinon.stub().callsFake(async (installation: string, token: string) => `${installation}:${token}`) },
      log: { info: sinon.stub(), error: sinon.stub() },
    };
    const install = new Install({
      ...parts,
      settings: { installUrl: "https://example.com/install", clientId: "1.2", scopes: ["commands", "chat:write"], ...settings },
      clientSecret,
      slackUrl: "https://slack.com/api/",
      nowMs: () => NOW_MS,
    });
    /** Begins, and builds the request with which Slack sends the browser back. */
    const begin = async (query: Record<string, string> = { code: "code-1" }): Promise<InstallRequest> => {
      const { headers } = await install.handle({ routeKey: "GET /install" });
      const state = new URL(headers["Location"]!).searchParams.get("state")!;
      const cookies = ["other=1", headers["Set-Cookie"]!.split(";")[0]!];
      return { routeKey: "GET /install/callback", rawQueryString: new URLSearchParams({ ...query, state }).toString(), cookies };
    };
    return { install, begin, ...parts };
  };

  it("redirects to Slack's consent page with the scopes, and gives the browser a cookie", async () => {
    const { statusCode, headers } = await make().install.handle({ routeKey: "GET /install" });
    const url = new URL(headers["Location"]!);
    expect([statusCode, url.origin + url.pathname]).to.deep.equal([302, "https://slack.com/oauth/v2/authorize"]);
    expect(Object.fromEntries(url.searchParams)).to.include({
      client_id: "1.2",
      scope: "commands,chat:write",
      user_scope: "",
      redirect_uri: "https://example.com/install/callback",
    });
    expect(headers["Set-Cookie"]).to.match(/^slack_fanout_install=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const local = await make({ installUrl: "http://127.0.0.1:3000/install" }).install.handle({ routeKey: "GET /install" });
    expect(local.headers["Set-Cookie"]).not.to.include("Secure");
  });

  it("stores the encrypted token, and says so on a page without script", async () => {
    const { install, begin, slack, installations } = make();
    const { statusCode, headers, body } = await install.handle(await begin());
    expect(statusCode).to.equal(200);
    expect(headers).to.include({
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "Set-Cookie": "slack_fanout_install=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure",
    });
    expect(headers["Content-Security-Policy"]).to.match(/^default-src 'none'; style-src 'unsafe-inline'/);
    expect(body).to.include("is installed in &lt;b&gt;Example&lt;/b&gt;.");
    sinon.assert.calledOnceWithExactly(slack.call, "oauth.v2.access", {
      client_id: "1.2",
      client_secret: "client-secret",
      code: "code-1",
      redirect_uri: "https://example.com/install/callback",
    });
    const [grant, tokens] = installations.install.firstCall.args;
    expect(grant).to.include({ installation: "T0001", installedBy: "U0001" });
    expect(tokens).to.deep.equal({ token: "T0001:xoxb-1" });
  });

  it("stores the refresh token, and when the token expires", async () => {
    const { install, begin, slack, installations } = make();
    slack.call.resolves({ ...ANSWER, refresh_token: "xoxe-1", expires_in: 43_200 });
    await install.handle(await begin());
    expect(installations.install.firstCall.args[1]).to.deep.equal({
      token: "T0001:xoxb-1",
      refreshToken: "T0001:xoxe-1",
      expiresAtSeconds: NOW_MS / 1000 + 43_200,
    });
  });

  it("exchanges nothing without a state of this browser", async () => {
    const { install, begin, slack, states } = make();
    const request = await begin();
    states.use.resolves(false);
    for (const each of [{ ...request, cookies: [] }, { ...request, rawQueryString: "code=1" }, request]) {
      const { statusCode, body } = await install.handle(each);
      expect(statusCode).to.equal(400);
      expect(body).to.include('<a href="https://example.com/install">Start again here</a>');
    }
    sinon.assert.notCalled(slack.call);
  });

  const refusals: [string, Record<string, string>, (made: ReturnType<typeof make>) => unknown, string][] = [
    ["it was cancelled", { error: "access_denied" }, () => undefined, "The installation was cancelled in Slack."],
    ["there is no code", {}, () => undefined, "Slack sent no code."],
    [
      "Slack refuses the code",
      { code: "1" },
      ({ slack }) => slack.call.rejects(new SlackRefused("Slack refuses oauth.v2.access: invalid_code.")),
      "invalid_code",
    ],
    ["scopes are missing", { code: "1" }, ({ slack }) => slack.call.resolves({ ...ANSWER, scope: "commands" }), "Missing: chat:write."],
  ];
  for (const [name, query, arrange, reason] of refusals) {
    it(`stores nothing, and says why, if ${name}`, async () => {
      const made = make();
      arrange(made);
      const { statusCode, body } = await made.install.handle(await made.begin(query));
      expect(statusCode).to.equal(400);
      expect(body).to.include(reason).and.include("Start again here");
      sinon.assert.notCalled(made.installations.install);
    });
  }

  it("has a page for trouble", async () => {
    const { install, begin, slack, installations } = make();
    slack.call.onFirstCall().rejects(new SlackBusy("no answer"));
    expect(await install.handle(await begin())).to.include({ statusCode: 503 });
    installations.install.rejects(new Error("table"));
    const { statusCode, body } = await install.handle(await begin());
    expect(statusCode).to.equal(503);
    expect(body).to.include("Something went wrong on our side.").and.not.include("table");
  });

  it("refuses everybody until the operator has set the client id and secret", async () => {
    for (const { install } of [make({ clientId: undefined }), make({}, "")])
      expect(await install.handle({ routeKey: "GET /install" })).to.include({ statusCode: 503 });
  });
});
