import { expect } from "chai";
import { buildSlackManifest } from "../../../components/features/slack-manifest";

describe("slack manifest", () => {
  const build = (hasAgent: boolean, hasFeatures = true, joinsChannels = false, isShared = false) =>
    buildSlackManifest({
      url: "https://example.com",
      hasDocuments: hasFeatures,
      hasDibs: hasFeatures,
      hasAgent,
      hasHome: true,
      joinsChannels,
      isShared,
      rotatesTokens: false,
    });

  it("points each kind of request to its door", () => {
    const { features, settings } = build(true);
    expect(settings?.event_subscriptions?.request_url).to.equal("https://example.com/events");
    expect(settings?.interactivity).to.deep.equal({ is_enabled: true, request_url: "https://example.com/interactions" });
    expect(features?.slash_commands?.map(({ command, url }) => [command, url])).to.deep.equal(
      ["/words", "/archive", "/dibs", "/ask"].map(command => [command, "https://example.com/commands"]),
    );
  });

  it("requests the scopes that its events need", () => {
    const { oauth_config, settings } = build(false);
    const needed = { app_mention: "app_mentions:read", "message.channels": "channels:history", "message.groups": "groups:history" };
    const more = { "message.im": "im:history", "message.mpim": "mpim:history" };
    const reactions = { reaction_added: "reactions:read", reaction_removed: "reactions:read" };
    const people = { member_joined_channel: "channels:read", team_join: "users:read" };
    const scopes = { ...needed, ...more, ...reactions, ...people };
    // Slack asks for no scope to tell that a Home is opened.
    expect(settings?.event_subscriptions?.bot_events).to.have.members([...Object.keys(scopes), "app_home_opened"]);
    expect(oauth_config?.scopes?.bot).to.include.members([...Object.values(scopes), "commands", "files:read", "chat:write"]);
  });

  it("has no /ask and no scope for it without an agent", () => {
    const { features, oauth_config } = build(false);
    expect(features?.slash_commands?.map(({ command }) => command)).not.to.include("/ask");
    expect(oauth_config?.scopes?.bot).not.to.include("canvases:write");
    expect(build(true).oauth_config?.scopes?.bot).to.include("canvases:write");
  });

  it("leaves out the commands and the scope of features that are off", () => {
    const { features, oauth_config } = build(false, false);
    expect(features?.slash_commands?.map(({ command }) => command)).to.deep.equal(["/words"]);
    expect(oauth_config?.scopes?.bot).not.to.include("files:read");
  });

  it("requests the scope for joining channels only if the app joins them", () => {
    expect(build(true).oauth_config?.scopes?.bot).not.to.include("channels:join");
    expect(build(true, true, true).oauth_config?.scopes?.bot).to.include.members(["channels:join", "channels:read"]);
  });

  it("is for organisations, has a redirect URL and hears of its end, only if many workspaces install it", () => {
    const ends = ["app_uninstalled", "tokens_revoked"];
    const { oauth_config, settings } = build(true, true, false, true);
    expect(oauth_config?.redirect_urls).to.deep.equal(["https://example.com/install/callback"]);
    expect(settings).to.include({ org_deploy_enabled: true, token_rotation_enabled: false });
    expect(settings?.event_subscriptions?.bot_events).to.include.members(ends);
    const one = build(true);
    expect(one.oauth_config).not.to.have.property("redirect_urls");
    expect(one.settings).to.include({ org_deploy_enabled: false });
    expect(one.settings?.event_subscriptions?.bot_events).not.to.include.members(ends);
  });

  it("has people and channels escaped for commands that take them", () => {
    const escapes = Object.fromEntries(
      (build(true).features?.slash_commands ?? []).map(({ command, should_escape }) => [command, should_escape]),
    );
    expect(escapes).to.deep.equal({ "/words": false, "/archive": false, "/dibs": true, "/ask": true });
  });
});
