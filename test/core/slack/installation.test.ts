import { expect } from "chai";
import { SlackRefused } from "#core/errors";
import { chooseInstallation, chooseOfEvent, parseGrant } from "#core/slack/installation";

const answer = {
  ok: true,
  access_token: "xoxb-1",
  scope: "commands,chat:write",
  bot_user_id: "UBOT01",
  app_id: "A0001",
  team: { id: "T0001", name: "Example" },
  enterprise: null,
  is_enterprise_install: false,
  authed_user: { id: "U0001" },
};

describe("installation", () => {
  for (const [name, origin, id] of [
    ["the workspace", { team: "T0001", enterprise: "E0001", isEnterpriseInstall: false }, "T0001"],
    ["the organisation, of a payload", { team: "T0001", enterprise: "E0001", isEnterpriseInstall: true }, "E0001"],
    ["the organisation, of a form", { team: "T0001", enterprise: "E0001", isEnterpriseInstall: "true" }, "E0001"],
    ["the workspace of a form", { team: "T0001", enterprise: undefined, isEnterpriseInstall: "false" }, "T0001"],
    ["none", { team: "", enterprise: undefined, isEnterpriseInstall: true }, undefined],
  ] as const) {
    it(`is that of ${name}`, () => expect(chooseInstallation(origin)).to.equal(id));
  }

  for (const [name, body, id] of [
    ["the first authorization", { team_id: "T0009", authorizations: [{ team_id: "T0001" }, { team_id: "T0002" }] }, "T0001"],
    ["its organisation", { authorizations: [{ enterprise_id: "E0001", team_id: "T0001", is_enterprise_install: true }] }, "E0001"],
    ["the request, without authorizations", { team_id: "T0001" }, "T0001"],
    ["the request's organisation, without a workspace", { enterprise_id: "E0001", is_enterprise_install: true }, "E0001"],
    ["nothing", { authorizations: "T0001" }, undefined],
  ] as const) {
    it(`of an event is that of ${name}`, () => expect(chooseOfEvent(body)).to.equal(id));
  }

  it("is granted to a workspace", () => {
    expect(parseGrant(answer)).to.deep.equal({
      installation: "T0001",
      name: "Example",
      token: "xoxb-1",
      botUser: "UBOT01",
      app: "A0001",
      scopes: ["commands", "chat:write"],
      installedBy: "U0001",
    });
  });

  it("is granted to an organisation, with tokens that expire", () => {
    const organisation = { team: null, enterprise: { id: "E0001", name: "All" }, is_enterprise_install: true };
    expect(parseGrant({ ...answer, ...organisation, refresh_token: "xoxe-1", expires_in: 43_200 })).to.include({
      installation: "E0001",
      name: "All",
      refreshToken: "xoxe-1",
      expiresInSeconds: 43_200,
    });
  });

  for (const missing of ["access_token", "bot_user_id", "team"])
    it(`is refused without ${missing}`, () => expect(() => parseGrant({ ...answer, [missing]: null })).to.throw(SlackRefused));
});
