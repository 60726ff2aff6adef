import { randomUUID } from "node:crypto";
import { expect } from "chai";
import * as sinon from "sinon";
import { SlackBusy, SlackRefused } from "#core/errors";
import type { MessageInput } from "#core/message/message";
import type { Notice } from "#core/notice/notice";
import { ReceiptsTable } from "#stores/notice/receipts-table";
import { Notifier, type SqsEvent } from "../../subscribers/notifier";
import { createTables, type Tables } from "../dynamodb-endpoint";
import { buildTeamSettings } from "../team-settings";
import { buildEnvelope } from "./envelopes";

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
    release: sinon.stub().resolves(),
    settle: sinon.stub().resolves(),
    takeTurn: sinon.stub().resolves(0),
    holdBack: sinon.stub().resolves(),
  };
  const seen = { get: sinon.stub().resolves({ answer: "`a` = 1\n`b&c` = 2" }) };
  const queue = { postpone: sinon.stub().resolves(), sendCopy: sinon.stub().resolves(), giveUp: sinon.stub().resolves() };
  const log = { info: sinon.stub(), debug: sinon.stub(), error: sinon.stub() };
  const notifier = new Notifier({
    slacks: { of: () => slack },
    receipts,
    queue,
    seen,
    settings: { errorsTopicArn: ERRORS, notifyChannel: "C0001" },
    log,
    nowMs: () => NOW_MS,
    newClaimant: () => "claimant",
  });
  return { notifier, slack, receipts, queue, seen, log };
};

/** What `sendCopy` puts into the queue, as it comes back. */
type Copy = Pick<SqsEvent["Records"][number], "body" | "messageAttributes">;

describe("notifier", () => {
  it("posts a notice in the configured channel and keeps the receipt", async () => {
    const { notifier, slack, receipts } = make();
    expect(await notifier.handle({ Records: [record(1)] })).to.deep.equal({ batchItemFailures: [] });
    expect(slack.post.args[0]![0]).to.deep.include({ channel: "C0001", id: "n1", threadTs: undefined });
    expect(slack.post.args[0]![0].text).to.equal("[ERROR]: Task failed: The task failed.");
    expect(receipts.claim.args).to.deep.equal([["n1", "claimant", NOW_MS, undefined]]);
    sinon.assert.callOrder(receipts.takeTurn, receipts.claim, slack.post, receipts.settle);
    expect(receipts.settle.args).to.deep.equal([["n1", "C0001", "9.9"]]);
    expect(slack.findPosted.callCount).to.equal(0);
  });

  it("answers in the thread of the message that began it", async () => {
    const { notifier, slack } = make();
    await notifier.handle({ Records: [record(1, { channel: "C0002", threadTs: "1763805600.000200" })] });
    expect(slack.post.args[0]![0]).to.include({ channel: "C0002", threadTs: "1763805600.000200" });
  });

  it("sends a direct message to a person", async () => {
    const { notifier, slack, receipts } = make();
    await notifier.handle({ Records: [record(1, { user: "U0001" })] });
    expect(slack.openConversation.args).to.deep.equal([["U0001"]]);
    expect(slack.post.args[0]![0]).to.include({ channel: "D0001" });
    expect(receipts.takeTurn.args[0]![0]).to.equal("U0001");
  });

  describe("with many workspaces", () => {
    const makeMany = () => {
      const made = make();
      const of = sinon.stub<[string], typeof made.slack>().returns(made.slack);
      const tokens = {
        ...{ installationsTable: "installations", tokenKeyArn: "key", errorsTopicArn: ERRORS, installUrl: "url" },
        eraseAfterDays: 30,
      };
      const settings = { errorsTopicArn: ERRORS, notifyChannel: "", tokens };
      const { receipts, queue, log } = made;
      const chosen = { readRecent: sinon.stub().resolves({ settings: buildTeamSettings({ notifyChannel: "C1009" }), version: "1" }) };
      const parts = { slacks: { of }, receipts, queue, chosen, settings, log, nowMs: () => NOW_MS };
      return { ...made, of, chosen, notifier: new Notifier(parts) };
    };

    it("keeps the receipts and the pace of each workspace apart", async () => {
      const { notifier, receipts } = makeMany();
      await notifier.handle({ Records: [record(1, { team: "T0002", channel: "C1001" })] });
      expect(receipts.takeTurn.firstCall.args[0]).to.equal("T0002#C1001");
      expect([receipts.claim, receipts.settle].map(({ firstCall }) => firstCall.args[0] as string)).to.deep.equal(["T0002#n1", "T0002#n1"]);
    });

    it("posts a notice that names no place in the channel that its workspace has chosen", async () => {
      const { notifier, slack, chosen } = makeMany();
      await notifier.handle({ Records: [record(1, { team: "T0002", channel: undefined })] });
      expect(chosen.readRecent.firstCall.args[0]).to.equal("T0002");
      expect(slack.post.firstCall.args[0]).to.include({ channel: "C1009" });
    });

    it("posts as the bot of the notice's workspace", async () => {
      const { notifier, of, slack } = makeMany();
      await notifier.handle({ Records: [record(1, { team: "T0002", user: "U1001" })] });
      expect(new Set(of.args.flat())).to.deep.equal(new Set(["T0002"]));
      expect(slack.post.callCount).to.equal(1);
    });

    it("leaves a notice without a workspace to e-mail, whatever channel it names", async () => {
      const { notifier, of, receipts } = makeMany();
      expect(await notifier.handle({ Records: [record(1, { channel: "C0001" })] })).to.deep.equal({ batchItemFailures: [] });
      expect(of.callCount + receipts.claim.callCount).to.equal(0);
    });

    it("drops a post to a workspace that does not have the app or must install it again, and dead-letters other refusals", async () => {
      for (const [code, deadLetters] of [
        ["not_installed", 0],
        ["reinstall", 0],
        ["token_revoked", 1],
      ] as const) {
        const { notifier, slack, queue } = makeMany();
        slack.post.rejects(new SlackRefused(code, { context: { code } }));
        const { batchItemFailures } = await notifier.handle({ Records: [record(1, { team: "T0002", channel: "C1001" })] });
        expect([batchItemFailures.length, queue.giveUp.callCount], code).to.deep.equal([0, deadLetters]);
      }
    });
  });

  describe("answers", () => {
    const answered = (over: Partial<MessageInput> = {}) => ({
      ...record(1),
      body: JSON.stringify({
        MessageId: "sns1",
        TopicArn: "arn:aws:sns:us-east-1:123456789012:messages",
        Message: JSON.stringify(buildEnvelope({ channel: "G0001", ...over })),
        MessageAttributes: { type: { Type: "String", Value: "slack.message" }, answered: { Type: "String", Value: "true" } },
      }),
    });
    const { id } = buildEnvelope({ channel: "G0001" });

    it("are posted as they are kept, in the channel of the message, with a receipt", async () => {
      const { notifier, slack, receipts, seen } = make();
      expect(await notifier.handle({ Records: [answered()] })).to.deep.equal({ batchItemFailures: [] });
      expect(seen.get.args[0]![0]).to.equal(id);
      expect(slack.post.args).to.deep.equal([
        [{ channel: "G0001", id: `${id}#answer`, threadTs: undefined, text: "`a` = 1\n`b&c` = 2", blocks: undefined }],
      ]);
      expect(receipts.claim.args[0]![0]).to.equal(`${id}#answer`);
      expect(receipts.settle.args).to.deep.equal([[`${id}#answer`, "G0001", "9.9"]]);
    });

    it("go to the thread of the message", async () => {
      const { notifier, slack } = make();
      await notifier.handle({ Records: [answered({ threadTs: "1763805500.000100" })] });
      expect(slack.post.args[0]![0]).to.include({ channel: "G0001", threadTs: "1763805500.000100" });
    });

    it("are not posted twice", async () => {
      const { notifier, slack, receipts } = make();
      receipts.claim.resolves({ state: "posted" });
      expect(await notifier.handle({ Records: [answered()] })).to.deep.equal({ batchItemFailures: [] });
      expect(slack.post.callCount).to.equal(0);
    });

    it("that are not kept come again, and don't stop what comes with them", async () => {
      const { notifier, slack, seen, log } = make();
      seen.get.resolves(undefined);
      expect(await notifier.handle({ Records: [answered(), record(2)] })).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
      expect(log.error.args[0]![1]).to.have.property("message", `No answer to ${id} is kept.`);
      expect(slack.post.callCount).to.equal(1);
    });
  });

  it("leaves a notice without a place in Slack to e-mail", async () => {
    const { slack, receipts, queue, log } = make();
    const notifier = new Notifier({
      slacks: { of: () => slack },
      receipts,
      queue,
      settings: { errorsTopicArn: ERRORS, notifyChannel: "" },
      log,
    });
    expect(await notifier.handle({ Records: [record(1)] })).to.deep.equal({ batchItemFailures: [] });
    expect(slack.post.callCount + receipts.claim.callCount).to.equal(0);
  });

  it("does nothing for a posted notice", async () => {
    const { notifier, slack, receipts } = make();
    receipts.claim.resolves({ state: "posted" });
    expect(await notifier.handle({ Records: [record(1)] })).to.deep.equal({ batchItemFailures: [] });
    expect(slack.post.callCount).to.equal(0);
  });

  describe("after an attempt with an unknown outcome", () => {
    it("settles the receipt of a notice that it finds, and posts nothing", async () => {
      const { notifier, slack, receipts } = make();
      receipts.claim.resolves({ state: "mine", first: false, sinceMs: 5 });
      slack.findPosted.resolves("7.7");
      await notifier.handle({ Records: [record(1)] });
      expect(slack.findPosted.args).to.deep.equal([[{ channel: "C0001", id: "n1", threadTs: undefined }, 5]]);
      expect(slack.post.callCount).to.equal(0);
      expect(receipts.settle.args).to.deep.equal([["n1", "C0001", "7.7"]]);
    });

    it("posts a notice that it does not find", async () => {
      const { notifier, slack, receipts } = make();
      receipts.claim.resolves({ state: "mine", first: false, sinceMs: 5 });
      await notifier.handle({ Records: [record(1)] });
      sinon.assert.callOrder(slack.findPosted, slack.post, receipts.settle);
    });
  });

  describe("later", () => {
    it("delays notices that are too early, one after another", async () => {
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

    it("leaves a claimed notice to a copy that arrives after its holder is dead", async () => {
      const { notifier, slack, receipts, queue } = make();
      receipts.claim.resolves({ state: "taken", claimant: "other" });
      expect((await notifier.handle({ Records: [record(1)] })).batchItemFailures).to.deep.equal([]);
      expect(queue.sendCopy.args).to.deep.equal([[record(1).body, { holder: "other", copies: 1 }, 20]]);
      expect(slack.post.callCount).to.equal(0);
    });

    const copyOf = (holder: string, copies: number) => ({
      ...record(1),
      messageAttributes: { holder: { stringValue: holder }, copies: { stringValue: String(copies) } },
    });

    it("takes over from the holder that a copy names", async () => {
      const { notifier, receipts } = make();
      await notifier.handle({ Records: [copyOf("other", 1)] });
      expect(receipts.claim.args).to.deep.equal([["n1", "claimant", NOW_MS, "other"]]);
    });

    it("dead-letters a notice after a hundred copies", async () => {
      const { notifier, receipts, queue } = make();
      receipts.claim.resolves({ state: "taken", claimant: "other" });
      await notifier.handle({ Records: [copyOf("another", 99)] });
      expect([queue.sendCopy.callCount, queue.giveUp.callCount]).to.deep.equal([1, 0]);
      await notifier.handle({ Records: [copyOf("another", 100)] });
      expect([queue.sendCopy.callCount, queue.giveUp.callCount]).to.deep.equal([1, 1]);
    });

    it("keeps the message if no copy could be sent", async () => {
      const { notifier, receipts, queue } = make();
      receipts.claim.resolves({ state: "taken", claimant: "other" });
      queue.sendCopy.rejects(new Error("throttled"));
      expect((await notifier.handle({ Records: [record(1)] })).batchItemFailures).to.deep.equal([{ itemIdentifier: "m1" }]);
    });

    it("waits as long as Slack asks for, and makes the channel wait too", async () => {
      const { notifier, slack, receipts, queue } = make();
      slack.post.rejects(new SlackBusy("429", { retryAfterSeconds: 30 }));
      expect((await notifier.handle({ Records: [record(1)] })).batchItemFailures).to.deep.equal([{ itemIdentifier: "m1" }]);
      expect(receipts.holdBack.args).to.deep.equal([["C0001", NOW_MS + 30_000]]);
      expect(queue.postpone.args).to.deep.equal([["r1", 30]]);
      expect(receipts.release.args).to.deep.equal([["n1", "claimant"]]);
      expect(receipts.settle.callCount).to.equal(0);
    });

    it("leaves a notice that Slack did not answer to a copy, since it may have been posted", async () => {
      const { notifier, slack, receipts, queue } = make();
      slack.post.rejects(new SlackBusy("no answer"));
      await notifier.handle({ Records: [record(1)] });
      expect(queue.sendCopy.args).to.deep.equal([[record(1).body, { holder: "claimant", copies: 1 }, 20]]);
      expect(receipts.release.callCount).to.equal(0);
    });

    it("returns notices that failed for other reasons, and continues with the rest", async () => {
      const { notifier, slack, receipts, log } = make();
      receipts.claim.onFirstCall().rejects(new Error("throttled"));
      const answer = await notifier.handle({ Records: [record(1), record(2)] });
      expect(answer).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
      expect(slack.post.callCount).to.equal(1);
      expect(log.error.callCount).to.equal(1);
    });

    it("starts no notice after one second, and returns the rest", async () => {
      const { notifier, slack } = make();
      const clock = sinon.useFakeTimers({ toFake: ["hrtime"] });
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

  it("dead-letters a notice that Slack refuses for good, with the reason", async () => {
    const { notifier, slack, receipts, queue } = make();
    slack.post.rejects(new SlackRefused("Slack refuses chat.postMessage: channel_not_found."));
    expect(await notifier.handle({ Records: [record(1)] })).to.deep.equal({ batchItemFailures: [] });
    expect(queue.giveUp.args).to.deep.equal([[record(1).body, "Slack refuses chat.postMessage: channel_not_found."]]);
    expect(receipts.release.args).to.deep.equal([["n1", "claimant"]]);
  });

  it("returns a message that is not a notification", async () => {
    const { notifier } = make();
    const answer = await notifier.handle({ Records: [{ messageId: "m1", receiptHandle: "r1", body: "no JSON" }] });
    expect(answer).to.deep.equal({ batchItemFailures: [{ itemIdentifier: "m1" }] });
  });

  for (const skewMs of [-600_000, 600_000]) {
    describe(`on two hosts whose clocks are ${skewMs / 60_000} minutes apart`, () => {
      let tables: Tables;
      before(async () => {
        tables = await createTables();
      });
      after(() => tables.stop());

      /** Two instances that share one table and one Slack; `copies` are the messages that SQS would deliver later. */
      const makeTwo = () => {
        const posted = new Map<string, string>();
        const copies: Copy[] = [];
        const slack = {
          post: sinon.stub().callsFake(async ({ id }: { id: string }) => {
            expect(posted.has(id), "posted before").to.equal(false);
            posted.set(id, `${posted.size}.1`);
            return posted.get(id)!;
          }),
          openConversation: sinon.stub().resolves("D0001"),
          findPosted: sinon.stub().callsFake(async ({ id }: { id: string }) => posted.get(id)),
        };
        const queue = {
          postpone: sinon.stub().resolves(),
          giveUp: sinon.stub().resolves(),
          sendCopy: async (body: string, { holder, copies: number }: { holder: string; copies: number }) => {
            copies.push({ body, messageAttributes: { holder: { stringValue: holder }, copies: { stringValue: String(number) } } });
          },
        };
        const { log } = make();
        const create = (nowMs: number, lives = true) => {
          const receipts = new ReceiptsTable(tables.client, tables.receipts);
          receipts.takeTurn = async () => 0;
          if (!lives) receipts.settle = async () => Promise.reject(new Error("killed"));
          return new Notifier({
            slacks: { of: () => slack },
            receipts,
            queue,
            settings: { errorsTopicArn: ERRORS, notifyChannel: "C0001" },
            log,
            nowMs: () => nowMs,
          });
        };
        return { slack, copies, create };
      };
      const bringCopies = async (copies: Copy[], notifier: Notifier) => {
        for (const copy of copies.splice(0)) await notifier.handle({ Records: [{ ...record(1), ...copy }] });
      };

      it("posts once while the first attempt is running, and after the copy arrives", async () => {
        const { slack, copies, create } = makeTwo();
        const [first, second] = [create(NOW_MS), create(NOW_MS + skewMs)];
        const notice = record(1, { id: randomUUID() });
        let answer = () => {};
        const answered = new Promise<void>(resolve => {
          answer = resolve;
        });
        const { post } = slack;
        slack.post = sinon.stub().callsFake(async message => {
          await answered;
          return post(message);
        });
        const posting = first.handle({ Records: [notice] });
        while (slack.post.callCount === 0) await new Promise(setImmediate);
        slack.post = post;
        await second.handle({ Records: [notice] });
        expect(post.callCount).to.equal(0);
        answer();
        await posting;
        await bringCopies(copies, second);
        expect(post.callCount).to.equal(1);
        expect(copies).to.deep.equal([]);
      });

      it("posts once if the first attempt died while settling its receipt", async () => {
        const { slack, copies, create } = makeTwo();
        const notice = record(1, { id: randomUUID() });
        await create(NOW_MS, false).handle({ Records: [notice] });
        const second = create(NOW_MS + skewMs);
        await second.handle({ Records: [notice] });
        await bringCopies(copies, second);
        expect(slack.post.callCount).to.equal(1);
        expect(await second.handle({ Records: [notice] })).to.deep.equal({ batchItemFailures: [] });
        expect(copies).to.deep.equal([]);
      });
    });
  }
});
