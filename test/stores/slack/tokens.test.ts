import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { SlackRefused } from "#core/errors";
import type { Installation } from "#stores/slack/installations-table";
import { createTokens, InstalledTokens } from "#stores/slack/tokens";

const NOW_MS = 1_763_805_600_000;
const ROW = { installation: "E0001", token: "ciphertext", installed_by: "U0001", installed_at: 7 };

describe("tokens", () => {
  it("is that of the environment in a stack for one workspace", async () => {
    const tokens = createTokens(undefined, { ACCESS_TOKEN: "xoxb-1" });
    expect(await Promise.all(["T0001", ""].map(team => tokens.of(team)))).to.deep.equal(["xoxb-1", "xoxb-1"]);
    expect(await tokens.refuse("T0001", "xoxb-1", true)).to.equal(false);
    expect(await tokens.of("T0001")).to.equal("xoxb-1");
  });

  describe("of many workspaces", () => {
    const make = () => {
      let nowMs = NOW_MS;
      const installations = {
        getForTeam: sinon.stub<[string], Promise<Installation | undefined>>().resolves(ROW),
        refuseToken: sinon.stub().resolves(true),
      };
      const cipher = { decrypt: sinon.stub().resolves("xoxb-1") };
      const errors = { publish: sinon.stub().resolves() };
      const settings = { installUrl: "https://example.com/install", eraseAfterDays: 30 } as const;
      const tokens = new InstalledTokens({ installations, cipher, errors, settings, nowMs: () => nowMs });
      return { tokens, installations, cipher, errors, pass: (ms: number) => (nowMs += ms) };
    };

    it("are decrypted as those of their installation, and kept for five minutes", async () => {
      const { tokens, cipher, pass } = make();
      expect(await tokens.of("T0001")).to.equal("xoxb-1");
      pass(299_999);
      await tokens.of("T0001");
      sinon.assert.calledOnceWithExactly(cipher.decrypt, "E0001", "ciphertext");
      pass(1);
      await tokens.of("T0001");
      sinon.assert.calledTwice(cipher.decrypt);
    });

    it("are refused without an installation, and looked for again the next time", async () => {
      const { tokens, installations } = make();
      for (const [found, code] of [
        [undefined, "not_installed"],
        [{ installation: "T0001", status: "uninstalled" }, "not_installed"],
        [{ installation: "T0001", status: "reinstall" }, "reinstall"],
      ] as const) {
        installations.getForTeam.resolves(found);
        const error = await rejectionOf(tokens.of("T0001"));
        expect(error).to.be.instanceOf(SlackRefused);
        expect((error as SlackRefused).context).to.deep.equal({ code });
      }
      expect(installations.getForTeam.callCount).to.equal(3);
    });

    it("are forgotten once Slack refuses them: the installer is told, then the installation is marked", async () => {
      const { tokens, installations, errors } = make();
      await tokens.of("T0001");
      expect(await tokens.refuse("T0001", "an older token", true)).to.equal(true);
      sinon.assert.notCalled(installations.refuseToken);
      expect(await tokens.refuse("T0001", "xoxb-1", true)).to.equal(false);
      const atSeconds = NOW_MS / 1000;
      sinon.assert.calledOnceWithExactly(installations.refuseToken, ROW, { atSeconds, eraseAtSeconds: atSeconds + 30 * 86_400 });
      const notice = errors.publish.firstCall.args[0];
      expect(notice).to.include({ id: "E0001-7-reinstall", outcome: "error", team: "E0001", user: "U0001" });
      expect(notice.text).to.include("https://example.com/install");
      sinon.assert.callOrder(errors.publish, installations.refuseToken);
      await tokens.of("T0001");
      sinon.assert.calledThrice(installations.getForTeam);
    });

    it("stay those of the installation if Slack refuses them in one workspace", async () => {
      const { tokens, installations, errors } = make();
      await tokens.of("T0001");
      expect(await tokens.refuse("T0001", "xoxb-1", false)).to.equal(false);
      sinon.assert.notCalled(installations.refuseToken);
      sinon.assert.notCalled(errors.publish);
    });

    it("send the installer no notice if the app was removed or installed again in the meantime", async () => {
      const { tokens, installations, errors } = make();
      for (const row of [{ ...ROW, token: "another" }, { installation: "T0001", token: "own" }, { installation: "E0001" }, undefined]) {
        installations.getForTeam.resolves(ROW);
        await tokens.of("T0001");
        installations.getForTeam.resolves(row);
        expect(await tokens.refuse("T0001", "xoxb-1", true)).to.equal(true);
      }
      sinon.assert.notCalled(errors.publish);
      sinon.assert.notCalled(installations.refuseToken);
    });
  });
});
