import { WebClient } from "@slack/web-api";
import { expect } from "chai";
import sinon from "sinon";
import { SlackApp } from "../../../scripts/doctor/slack-app";

describe("doctor: Slack app", () => {
  const slackManifest = { oauth_config: { scopes: { bot: ["commands", "chat:write"] } } };
  const lookAt = async (scopes: string[], teamId?: string) => {
    const slack = new WebClient("xoxb-1");
    sinon.stub(slack.auth, "test").resolves({ ok: true, team_id: "T1", team: "Ours", user: "fanout", response_metadata: { scopes } });
    return new SlackApp(slack, { slackManifest, ...(teamId === undefined ? {} : { teamId }) }).look();
  };
  const lines = async (scopes: string[], teamId?: string) => (await lookAt(scopes, teamId)).map(({ state, seen }) => `${state}: ${seen}`);

  it("needs the scopes of the manifest", async () => {
    const team = "ok: It belongs to fanout in Ours (T1).";
    expect(await lines(["commands", "chat:write"])).to.deep.equal([team, "ok: The app has the 2 scopes of the manifest."]);
    expect(await lines(["commands"])).to.deep.equal([team, "problem: Missing: chat:write."]);
    expect(await lines(["commands", "chat:write", "admin"])).to.deep.equal([team, "warning: Not needed: admin."]);
  });

  it("must be that of the configured workspace", async () => {
    const [line] = await lines(["commands", "chat:write"], "T2");
    expect(line).to.equal("problem: It belongs to fanout in Ours (T1). slackTeamId is T2, so other messages are ignored.");
  });

  it("is not installed without a token, or with one that Slack refuses", async () => {
    const [missing] = await new SlackApp(undefined, { slackManifest }).look();
    expect(missing?.state).to.equal("problem");
    const slack = new WebClient("xoxb-1");
    sinon.stub(slack.auth, "test").rejects(new Error("An API error occurred: invalid_auth"));
    const [refused] = await new SlackApp(slack, { slackManifest }).look();
    expect(refused?.seen).to.equal("Slack refuses it: An API error occurred: invalid_auth.");
  });

  it("has a token for each workspace in a stack of many, so the setting's is not looked at", async () => {
    const slack = new WebClient("xoxb-1");
    const test = sinon.stub(slack.auth, "test").rejects(new Error("An API error occurred: invalid_auth"));
    const findings = await new SlackApp(slack, { slackManifest, installationsTable: "installations" }).look();
    expect(findings.map(({ state }) => state)).to.deep.equal(["off"]);
    sinon.assert.notCalled(test);
  });
});
