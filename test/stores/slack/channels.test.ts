import { expect } from "chai";
import sinon from "sinon";
import { SlackChannels } from "#stores/slack/channels";

describe("slack-channels", () => {
  it("lists the public channels that the app is not in, page by page", async () => {
    const call = sinon.stub();
    call.onFirstCall().resolves({
      channels: [{ id: "C0001", is_member: true }, { id: "C0002", is_member: false }, "odd"],
      response_metadata: { next_cursor: "dGVhbQ==" },
    });
    call.onSecondCall().resolves({ channels: [{ id: "C0003", is_member: false }], response_metadata: { next_cursor: "" } });

    const found: string[] = [];
    for await (const channel of new SlackChannels({ call }, "T0001").listOthers()) found.push(channel);

    expect(found).to.deep.equal(["C0002", "C0003"]);
    const asked = { types: "public_channel", exclude_archived: true, limit: 200, team_id: "T0001" };
    expect(call.args).to.deep.equal([
      ["conversations.list", asked],
      ["conversations.list", { ...asked, cursor: "dGVhbQ==" }],
    ]);
  });

  it("joins a channel", async () => {
    const call = sinon.stub().resolves({});
    await new SlackChannels({ call }).join("C0002");
    sinon.assert.calledOnceWithExactly(call, "conversations.join", { channel: "C0002" });
  });
});
