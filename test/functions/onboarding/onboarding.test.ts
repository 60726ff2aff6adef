import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import * as sinon from "sinon";
import { buildJoined } from "#core/onboarding/person";
import { GiveAccess } from "#functions/onboarding/give-access";
import { Report } from "#functions/onboarding/report";
import { Welcome } from "#functions/onboarding/welcome";

const joined = buildJoined({ team: "T0001", user: "U0009", name: "Ann Lee", kind: "guest" });

describe("onboarding", () => {
  describe("give-access", () => {
    it("gives an account its access", async () => {
      const giveAccess = sinon.stub().resolves(true);
      const task = new GiveAccess({ giveAccess }, { system: "helpdesk", access: "own tickets" });

      expect(await task.handle(joined)).to.deep.equal({ access: "own tickets" });
      sinon.assert.calledOnceWithExactly(giveAccess, joined.person, "helpdesk", "own tickets");
    });

    it("throws if there is no account", async () => {
      const task = new GiveAccess({ giveAccess: async () => false }, { system: "helpdesk", access: "own tickets" });

      expect(String(await rejectionOf(task.handle(joined)))).to.equal("NotFound: Ann Lee (U0009) has no account in the system helpdesk.");
    });
  });

  describe("welcome", () => {
    const publishedTo = async (to: "person" | "team") => {
      const publish = sinon.stub().resolves();
      await new Welcome({ publish }, { to }).handle(joined);
      return publish.firstCall.args[0];
    };

    it("sends the person a message, and the team another", async () => {
      expect(await publishedTo("person")).to.include({ id: "T0001-U0009-greeting", user: "U0009", outcome: "success" });
      expect(await publishedTo("team"))
        .to.include({ id: "T0001-U0009-introduction", text: "Ann Lee joined the team as a guest. Say hello!" })
        .and.not.have.property("user");
    });
  });

  describe("report", () => {
    it("is the notice of the pipeline", async () => {
      const { notice } = await new Report({ systems: ["directory", "helpdesk"] }).handle(joined);

      expect(JSON.parse(notice.details)).to.deep.include({
        id: "T0001-U0009-onboarded",
        outcome: "success",
        text: "Ann Lee is set up as a guest.",
        fields: { person: "Ann Lee", accounts: "directory, helpdesk" },
      });
    });
  });
});
