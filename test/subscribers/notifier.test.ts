import { expect } from "chai";
import * as sinon from "sinon";
import { SlackBusy, SlackRefused } from "#core/errors";
import type { Notice } from "#core/notice";
import { Notifier } from "../../subscribers/notifier";

const NOW_MS = 1_763_805_600_000;
const ERRORS = "arn:aws:sns:us-east-1:123456789012:errors";

const record = (index: number, notice: Partial<Notice> = {}) => ({
  messageId: `m${index}`,
  receiptHandle: `r${index}`,
  body: JSON.stringify({
    MessageId: `sns${index}`,
    TopicArn: ERRORS,
    Subject: "[ERROR]: Task failed",
    Message: "The task failed.",
    MessageAttributes: { notice: { Type: "String", Value: JSON.stringify({ id: `n${index}`, ...notice }) } },
  }),
});

const make = () => {
  const slack = {
    post: sinon.stub().resolves("9.9"),
    openConversation: sinon.stub().resolves("D0001"),
    findPosted: sinon.stub().resolves(undefined),
  };
  const receipts = {
    claim: sinon.stub().resolves({ state: "mine", first: true, sinceMs: NOW_MS }),
    settle: sinon.stub().resolves(),
    takeTurn: sinon.stub().resolves(0),
    holdBack: sinon.stub().resolves(),
  };
  const queue = { postpone: sinon.stub().resolves(), giveUp: sinon.stub().resolves() };
  const log = { info: sinon.stub(), debug: sinon.stub(), error: sinon.stub() };
  const notifier = new Notifier(
    slack,
    receipts,
    queue,
    { errorsTopicArn: ERRORS, notifyChannel: "C0001" },
    log,
    () => NOW_MS,
    () => "claimant",
  );
  return { notifier, slack, receipts, queue, log };
};

describe("notifier", () => {
  it("posts a notice in the configured channel and keeps the receipt", async () => {
    const { notifier, slack, receipts } = make();
    expect(await notifier.handle({ Records: [record(1)] })).to.deep.equal({ batchItemFailures: [] });
    expect(slack.post.args[0]![0]).to.deep.include({ channel: "C0001", id: "n1", threadTs: undefined });
    expect(slack.post.args[0]![0].text).to.equal("[ERROR]: Task failed: The task failed.");
    expect(receipts.claim.args).to.deep.equal([["n1", "claimant", NOW_MS, NOW_MS + 20_000]]);
    sinon.assert.callOrder(receipts.takeTurn, receipts.claim, slack.post, receipts.settle);
    expect(receipts.settle.args).to.deep.equal([["n1", "C0001", "9.9"]]);
    expect(slack.findPosted.callCount).to.equal(0);
  });

  it("answers in the thread of the message that began it", async () => {
    const { notifier, slack } = make();
    await notifier.handle({ Records: [record(1, { channel: "C0002", threadTs: "1763805600.000200" })] });
    expect(slack.post.args[0]![0]).to.include({ channel: "C0002", threadTs: "1763805600.000200" });
  });

  it("tells a person directly", async () => {
    const { notifier, slack, receipts } = make();
    await notifier.handle({ Records: [record(1, { user: "U0001" })] });
    expect(slack.openConversation.args).to.deep.equal([["U0001"]]);
    expect(slack.post.args[0]![0]).to.include({ channel: "D0001" });
    expect(receipts.takeTurn.args[0]![0]).to.equal("U0001");
  });

  it("leaves to e-mail what has no place in Slack", async () => {
    const { slack, receipts, queue, log } = make();
    const notifier = new Notifier(slack, receipts, queue, { errorsTopicArn: ERRORS, notifyChannel: "" }, log);
    expect(await notifier.handle({ Records: [record(1)] })).to.deep.equal({ batchItemFailures: [] });
    expect(slack.post.callCount + receipts.claim.callCount).to.equal(0);
  });

  it("does nothing for a notice that was posted", async () => {
    const { notifier, slack, receipts } = make();
    receipts.claim.resolves({ state: "posted" });
    expect(await notifier.handle({ Records: [record(1)] })).to.deep.equal({ batchItemFailures: [] });
    expect(slack.post.callCount).to.equal(0);
  });

  describe("after an attempt whose end nobody knows", () => {
    it("keeps the receipt of what it finds, and posts nothing", async () => {
      const { notifier, slack, receipts } = make();
      receipts.claim.resolves({ state: "mine", first: false, sinceMs: 5 });
      slack.findPosted.resolves("7.7");
      await notifier.handle({ Records: [record(1)] });
      expect(slack.findPosted.args).to.deep.equal([[{ channel: "C0001", id: "n1", threadTs: undefined }, 5]]);
      expect(slack.post.callCount).to.equal(0);
      expect(receipts.settle.args).to.deep.equal([["n1", "C0001", "7.7"]]);
    });

    it("posts what it does not find", async () => {
      const { notifier, slack, receipts } = make();
      receipts.claim.resolves({ state: "mine", first: false, sinceMs: 5 });
      await notifier.handle({ Records: [record(1)] });
      sinon.assert.callOrder(slack.findPosted, slack.post, receipts.settle);
    });
  });

  describe("later", () => {
    it("lets come again what is too early, one after another", async () => {
      const { notifier, slack, receipts, queue } = make();
      receipts.takeTurn.resolves(700);
      receipts.takeTurn.onFirstCall().resolves(0);
      const answer = await notifier.handle({ Records: [record(1), record(2), record(3)] });
      expect(answer).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m2" }, { itemIdentifier: "m3" }] });
      expect(queue.postpone.args).to.deep.equal([
        ["r2", 2],
        ["r3", 3],
      ]);
      expect(slack.post.callCount).to.equal(1);
    });

    it("waits for somebody else's attempt to end", async () => {
      const { notifier, slack, receipts, queue } = make();
      receipts.claim.resolves({ state: "taken", untilMs: NOW_MS + 4500 });
      expect((await notifier.handle({ Records: [record(1)] })).batchItemFailures).to.have.length(1);
      expect(queue.postpone.args).to.deep.equal([["r1", 5]]);
      expect(slack.post.callCount).to.equal(0);
    });

    it("waits as long as Slack asks for, and makes the channel wait too", async () => {
      const { notifier, slack, receipts, queue } = make();
      slack.post.rejects(new SlackBusy("429", { retryAfterSeconds: 30 }));
      expect((await notifier.handle({ Records: [record(1)] })).batchItemFailures).to.deep.equal([{ itemIdentifier: "m1" }]);
      expect(receipts.holdBack.args).to.deep.equal([["C0001", NOW_MS + 30_000]]);
      expect(queue.postpone.args).to.deep.equal([["r1", 30]]);
      expect(receipts.settle.callCount).to.equal(0);
    });

    it("waits for its own claim to be over, when Slack did not answer", async () => {
      const { notifier, slack, queue } = make();
      slack.post.rejects(new SlackBusy("no answer"));
      await notifier.handle({ Records: [record(1)] });
      expect(queue.postpone.args).to.deep.equal([["r1", 20]]);
    });

    it("names what failed for any other reason, and goes on with the rest", async () => {
      const { notifier, slack, receipts, log } = make();
      receipts.claim.onFirstCall().rejects(new Error("throttled"));
      const answer = await notifier.handle({ Records: [record(1), record(2)] });
      expect(answer).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
      expect(slack.post.callCount).to.equal(1);
      expect(log.error.callCount).to.equal(1);
    });

    it("begins nothing after a second, and lets the rest come again", async () => {
      const { notifier, slack } = make();
      const clock = sinon.useFakeTimers({ toFake: ["performance"] });
      try {
        slack.post.callsFake(async () => {
          clock.tick(1100);
          return "9.9";
        });
        const answer = await notifier.handle({ Records: [record(1), record(2), record(3)] });
        expect(answer.batchItemFailures).to.deep.equal([{ itemIdentifier: "m2" }, { itemIdentifier: "m3" }]);
      } finally {
        clock.restore();
      }
    });
  });

  it("puts among the dead letters what Slack refuses for good, with the reason", async () => {
    const { notifier, slack, queue } = make();
    slack.post.rejects(new SlackRefused("Slack refuses chat.postMessage: channel_not_found."));
    expect(await notifier.handle({ Records: [record(1)] })).to.deep.equal({ batchItemFailures: [] });
    expect(queue.giveUp.args).to.deep.equal([[record(1).body, "Slack refuses chat.postMessage: channel_not_found."]]);
  });

  it("names a body that is no notification", async () => {
    const { notifier } = make();
    const answer = await notifier.handle({ Records: [{ messageId: "m1", receiptHandle: "r1", body: "no JSON" }] });
    expect(answer).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
  });
});
