import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { SlackBusy, SlackRefused } from "#core/errors";
import { TokenRefresher } from "#functions/workspaces/token-refresher";
import type { Installation } from "#stores/slack/installations-table";

const NOW_MS = 1_763_805_600_000;
const NOW = NOW_MS / 1000;
const row = (over: Partial<Installation> = {}): Installation => ({
  installation: "T0001",
  status: "installed",
  token: "old",
  refresh_token: "old-refresh",
  token_expires_at: NOW + 7200,
  installed_by: "U0001",
  installed_at: 7,
  ...over,
});

describe("token-refresher", () => {
  const make = (rows: Installation[] = [row()]) => {
    const parts = {
      installations: {
        listInstalled: async function* () {
          yield* rows;
        },
        lease: sinon.stub().resolves(true),
        refresh: sinon.stub().resolves(true),
        refuseRefresh: sinon.stub().resolves(true),
      },
      cipher: {
        encrypt: sinon.stub().callsFake(async (installation: string, token: string) => `${installation}:${token}`),
        decrypt: sinon.stub().resolves("xoxe-1"),
      },
      slack: { call: sinon.stub().resolves({ ok: true, access_token: "xoxb-2", refresh_token: "xoxe-2", expires_in: 43_200 }) },
      errors: { publish: sinon.stub().resolves() },
      log: { info: sinon.stub(), error: sinon.stub() },
    };
    const refresher = new TokenRefresher({
      ...parts,
      settings: { installUrl: "https://example.com/install", eraseAfterDays: 30 },
      credentials: { client_id: "1.2", client_secret: "hush" },
      nowMs: () => NOW_MS,
      newId: () => "run-1",
    });
    return { refresher, ...parts };
  };

  it("refreshes what expires within two hours, and nothing else", async () => {
    const later = row({ installation: "T0002", token_expires_at: NOW + 7201 });
    const { installation, status } = row();
    const { refresher, installations, slack } = make([row(), later, { installation, status: status! }]);
    await refresher.handle();
    const credentials = { client_id: "1.2", client_secret: "hush" };
    sinon.assert.calledOnceWithExactly(slack.call, "oauth.v2.access", {
      ...credentials,
      grant_type: "refresh_token",
      refresh_token: "xoxe-1",
    });
    const tokens = { token: "T0001:xoxb-2", refreshToken: "T0001:xoxe-2", expiresAtSeconds: NOW + 43_200 };
    sinon.assert.calledOnceWithExactly(installations.refresh, row(), tokens, NOW);
  });

  it("leaves an installation to the run that has its lease", async () => {
    const { refresher, installations, slack } = make();
    installations.lease.resolves(false);
    await refresher.handle();
    sinon.assert.notCalled(slack.call);
  });

  it("tells the installer, then marks the installation, if Slack refuses the refresh token", async () => {
    const { refresher, installations, slack, errors } = make();
    slack.call.rejects(new SlackRefused("no", { context: { code: "invalid_refresh_token" } }));
    await refresher.handle();
    const notice = errors.publish.firstCall.args[0];
    expect(notice).to.include({ id: "T0001-7-reinstall", outcome: "error", team: "T0001", user: "U0001" });
    expect(notice.text).to.include("https://example.com/install");
    sinon.assert.calledOnceWithExactly(installations.refuseRefresh, row(), { atSeconds: NOW, eraseAtSeconds: NOW + 30 * 86_400 });
    sinon.assert.callOrder(errors.publish, installations.refuseRefresh);
  });

  it("counts any other failure as an error, and refreshes the others", async () => {
    const { refresher, installations, slack } = make([row(), row({ installation: "T0002" })]);
    slack.call.onFirstCall().rejects(new SlackBusy("no answer"));
    await rejectionOf(refresher.handle());
    sinon.assert.calledOnce(installations.refresh);
    sinon.assert.notCalled(installations.refuseRefresh);
  });
});
