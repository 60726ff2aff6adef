import { expect } from "chai";
import sinon from "sinon";
import { SlackBusy, SlackRefused } from "#core/errors";
import { SlackNames } from "#stores/slack/names";

describe("slack-names", () => {
  let call: sinon.SinonStub;
  let names: SlackNames;
  beforeEach(() => {
    call = sinon.stub();
    call
      .withArgs("users.info", { user: "U0001" })
      .resolves({ user: { name: "ann1", profile: { display_name: "Ann", real_name: "Ann Lee" } } });
    call.withArgs("users.info", { user: "U0002" }).resolves({ user: { name: "bob", profile: { display_name: "", real_name: "Bob Ray" } } });
    call
      .withArgs("conversations.info", { channel: "C0001" })
      .resolves({ channel: { name: "general", is_channel: true, is_private: false } });
    call.withArgs("conversations.info", { channel: "C0009" }).resolves({ channel: { name: "secret", is_channel: true, is_private: true } });
    names = new SlackNames({ call });
  });

  it("replaces ids by names, and reads each name once", async () => {
    expect(await names.writeInto("<@U0001>, <@U0002> in <#C0001>")).to.equal("@Ann, @Bob Ray in #general");
    expect(await names.writeInto("<@U0001>")).to.equal("@Ann");
    expect(call.callCount).to.equal(3);
  });

  it("does not reveal the name of a private channel", async () => {
    expect(await names.writeInto("see <#C0009>")).to.equal("see #private-channel");
  });

  it("keeps a mention if Slack refuses its name, and asks again only after a transient error", async () => {
    call.withArgs("users.info", { user: "U0003" }).rejects(new SlackRefused("user_not_found"));
    call.withArgs("users.info", { user: "U0004" }).rejects(new SlackBusy("no answer"));
    for (let time = 1; time <= 2; time += 1) expect(await names.writeInto("<@U0003> <@U0004>")).to.equal("<@U0003> <@U0004>");
    expect(call.args.map(([, { user }]) => user)).to.deep.equal(["U0003", "U0004", "U0004"]);
  });

  it("reads at most ten names of one text", async () => {
    call.resolves({ user: { name: "x" } });
    await names.writeInto(Array.from({ length: 40 }, (_, index) => `<@U1${index}>`).join(" "));
    expect(call.callCount).to.equal(10);
  });

  it("replaces mentions in each text of a tool's arguments, and keeps the rest", async () => {
    expect(await names.writeIntoAll({ text: "<@U0001>", limit: 3, steps: ["<@U0001>"] })).to.deep.equal({
      text: "@Ann",
      limit: 3,
      steps: ["<@U0001>"],
    });
  });
});
