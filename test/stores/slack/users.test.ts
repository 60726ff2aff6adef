import { expect } from "chai";
import sinon from "sinon";
import { createSlackUsers, SlackUsers } from "#stores/slack/users";
import { Slack } from "#stores/slack/web-api";

describe("slack-users", () => {
  const read = async (user: unknown) => {
    const call = sinon.stub().resolves({ ok: true, user });
    const found = await new SlackUsers({ of: () => new Slack({ apiCall: call }) }).read("T0001", "U0001");
    sinon.assert.calledOnceWithExactly(call, "users.info", { user: "U0001" });
    return found;
  };

  it("returns a person's time zone", async () => {
    expect(await read({ id: "U0001", tz: "Europe/Berlin" })).to.deep.equal({
      timeZone: "Europe/Berlin",
      isAdmin: false,
      isExternal: false,
    });
  });

  it("has no time zone if Slack has none", async () => {
    for (const user of [{ tz: "" }, { tz: null }, {}, undefined, "U0001"])
      expect(await read(user)).to.deep.equal({ isAdmin: false, isExternal: false });
  });

  it("counts owners as admins", async () => {
    expect(await read({ is_admin: true })).to.include({ isAdmin: true });
    expect(await read({ is_admin: false, is_owner: true })).to.include({ isAdmin: true });
    expect(await read({ is_admin: "true" })).to.include({ isAdmin: false });
  });

  it("distinguishes people of other companies from colleagues, and never treats them as admins", async () => {
    const others = [
      { team_id: "T0009" },
      { team_id: "T0001", is_stranger: true },
      { team_id: "T0009", enterprise_user: { teams: ["T0009"] } },
    ];
    for (const user of others) expect(await read({ ...user, is_admin: true })).to.deep.equal({ isAdmin: false, isExternal: true });
    const colleagues = [{ team_id: "T0001" }, { team_id: "E0001", enterprise_user: { enterprise_id: "E0001", teams: ["T0009", "T0001"] } }];
    for (const user of colleagues) expect(await read({ ...user, is_admin: true })).to.deep.equal({ isAdmin: true, isExternal: false });
  });

  describe("without a token", () => {
    const { ACCESS_TOKEN: token } = process.env;
    afterEach(() => {
      if (token === undefined) delete process.env["ACCESS_TOKEN"];
      else process.env["ACCESS_TOKEN"] = token;
    });

    it("don't exist", () => {
      delete process.env["ACCESS_TOKEN"];
      expect(createSlackUsers()).to.equal(undefined);
      process.env["ACCESS_TOKEN"] = "xoxb-1";
      expect(createSlackUsers()).to.be.instanceOf(SlackUsers);
    });
  });
});
