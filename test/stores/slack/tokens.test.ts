import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { SlackRefused } from "#core/errors";
import type { Installation } from "#stores/slack/installations-table";
import { createTokens, InstalledTokens, NOT_INSTALLED } from "#stores/slack/tokens";

const NOW_MS = 1_763_805_600_000;

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
        getForTeam: sinon.stub<[string], Promise<Installation | undefined>>().resolves({ installation: "E0001", token: "ciphertext" }),
        refuseToken: sinon.stub().resolves(true),
      };
      const cipher = { decrypt: sinon.stub().resolves("xoxb-1") };
      const tokens = new InstalledTokens(installations, cipher, () => nowMs);
      return { tokens, installations, cipher, pass: (ms: number) => (nowMs += ms) };
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
        [undefined, NOT_INSTALLED],
        [{ installation: "T0001", status: "uninstalled" }, NOT_INSTALLED],
        [{ installation: "T0001", status: "reinstall" }, "reinstall"],
      ] as const) {
        installations.getForTeam.resolves(found);
        const error = await rejectionOf(tokens.of("T0001"));
        expect(error).to.be.instanceOf(SlackRefused);
        expect((error as SlackRefused).context).to.deep.equal({ code });
      }
      expect(installations.getForTeam.callCount).to.equal(3);
    });

    it("are forgotten, and their installation marked, once Slack refuses them", async () => {
      const { tokens, installations } = make();
      await tokens.of("T0001");
      expect(await tokens.refuse("T0001", "an older token", true)).to.equal(true);
      sinon.assert.notCalled(installations.refuseToken);
      expect(await tokens.refuse("T0001", "xoxb-1", true)).to.equal(false);
      sinon.assert.calledOnceWithExactly(installations.refuseToken, { installation: "E0001", token: "ciphertext" }, NOW_MS / 1000);
      await tokens.of("T0001");
      sinon.assert.calledThrice(installations.getForTeam);
    });

    it("leave the organisation's installation alone if the workspace has its own by now", async () => {
      const { tokens, installations } = make();
      await tokens.of("T0001");
      installations.getForTeam.resolves({ installation: "T0001", token: "its own" });
      expect(await tokens.refuse("T0001", "xoxb-1", true)).to.equal(true);
      sinon.assert.notCalled(installations.refuseToken);
    });

    it("stay those of the installation if Slack refuses them in one workspace", async () => {
      const { tokens, installations } = make();
      await tokens.of("T0001");
      expect(await tokens.refuse("T0001", "xoxb-1", false)).to.equal(false);
      sinon.assert.notCalled(installations.refuseToken);
    });
  });
});
