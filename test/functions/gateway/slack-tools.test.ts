import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { SlackBusy } from "#core/errors";
import type { Attempt } from "#functions/gateway/once";
import { SlackTools } from "#functions/gateway/slack-tools";
import { ToolReceipts } from "#stores/agent/tool-receipts";
import { Slack } from "#stores/slack/web-api";

const TS = "1763805700.000001";

describe("slack tools", () => {
  const deadline = new Deadline(5000);
  const caller = { task: undefined, partition: "task-1", key: "step-0001" };
  const first: Attempt = { id: "call-1", sinceMs: undefined, draft: undefined };
  let slack: sinon.SinonStubbedInstance<Slack>;
  let receipts: sinon.SinonStubbedInstance<ToolReceipts>;
  let tools: SlackTools;
  beforeEach(() => {
    slack = sinon.createStubInstance(Slack);
    receipts = sinon.createStubInstance(ToolReceipts);
    tools = new SlackTools(slack, receipts);
  });

  describe("post", () => {
    const call = { name: "post_to_slack", args: { text: "hello <!here>" } } as const;
    const place = { channel: "C0001", threadTs: "1763805600.000100" };

    it("posts text without mentions under the call's id, and returns where", async () => {
      slack.post.resolves(TS);
      expect(await tools.post(call, place, first)).to.deep.equal({
        result: { ...place, ts: TS },
        message: { channel: "C0001", ts: TS },
      });
      sinon.assert.calledOnceWithExactly(slack.post, { ...place, id: "call-1", text: "hello &lt;!here&gt;" });
      sinon.assert.notCalled(slack.findPosted);
    });

    it("looks first if an earlier attempt may have posted", async () => {
      slack.findPosted.resolves(TS);
      expect(await tools.post(call, place, { ...first, sinceMs: 1000 })).to.deep.include({ result: { ...place, ts: TS } });
      sinon.assert.calledOnceWithExactly(slack.findPosted, { ...place, id: "call-1" }, 1000);
      sinon.assert.notCalled(slack.post);
    });

    it("posts if the earlier attempt did not", async () => {
      slack.findPosted.resolves(undefined);
      slack.post.resolves(TS);
      expect((await tools.post(call, place, { ...first, sinceMs: 1000 })).result).to.include({ ts: TS });
    });
  });

  describe("update", () => {
    const call = { name: "update_message", args: { ts: TS, text: "bye <@U0001>" } } as const;

    it("changes a message that the caller posted", async () => {
      receipts.isPosted.resolves(true);
      expect(await tools.update(call, "C0001", caller, deadline)).to.deep.equal({ result: { channel: "C0001", ts: TS } });
      sinon.assert.calledOnceWithExactly(receipts.isPosted, "task-1", { channel: "C0001", ts: TS }, deadline);
      sinon.assert.calledOnceWithExactly(slack.update, { channel: "C0001", ts: TS, text: "bye &lt;@U0001&gt;" });
    });

    it("refuses any other message, and changes nothing", async () => {
      receipts.isPosted.resolves(false);
      expect(await rejectionOf(tools.update(call, "C0001", caller, deadline))).to.include({
        name: "ToolRefused",
        rule: "channel",
        message: `this task has posted no message ${TS} in C0001.`,
      });
      sinon.assert.notCalled(slack.update);
    });
  });

  describe("createCanvas", () => {
    const call = { name: "create_canvas", args: { title: "Report", markdown: "# Hi ![](@U0001)" } } as const;
    const create = (attempt = first) => tools.createCanvas(call, "C0001", { ...attempt, caller, deadline });
    beforeEach(() => slack.createCanvas.resolves("F1"));

    it("stores the canvas's id, then shares the canvas", async () => {
      expect(await create()).to.deep.equal({ result: { canvasId: "F1" } });
      sinon.assert.calledOnceWithExactly(slack.createCanvas, "Report", "# Hi [](@U0001)");
      sinon.assert.calledOnceWithExactly(receipts.keepDraft, { task: "task-1", key: "step-0001" }, { canvasId: "F1" }, deadline);
      sinon.assert.calledOnceWithExactly(slack.shareCanvas, "F1", "C0001");
      sinon.assert.callOrder(slack.createCanvas, receipts.keepDraft, slack.shareCanvas);
    });

    it("shares the canvas whose id was stored, and creates no other", async () => {
      expect(await create({ ...first, sinceMs: 1000, draft: { canvasId: "F9" } })).to.deep.equal({ result: { canvasId: "F9" } });
      sinon.assert.calledOnceWithExactly(slack.shareCanvas, "F9", "C0001");
      sinon.assert.notCalled(slack.createCanvas);
    });

    it("does not share a canvas whose id could not be stored", async () => {
      receipts.keepDraft.rejects(new Error("the table is down"));
      expect(await rejectionOf(create())).to.have.property("message", "the table is down");
      sinon.assert.notCalled(slack.shareCanvas);
    });

    it("rethrows Slack's errors", async () => {
      const busy = new SlackBusy("Slack asks to wait 7 s.", { retryAfterSeconds: 7 });
      slack.shareCanvas.rejects(busy);
      expect(await rejectionOf(create())).to.equal(busy);
    });
  });
});
