import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused, ToolBusy } from "#core/errors";
import { Cards } from "#functions/gateway/cards";
import { Once, type OnceCall } from "#functions/gateway/once";
import { TaskCards } from "#stores/agent/task-cards";
import { TasksTable } from "#stores/agent/tasks-table";
import { Slack } from "#stores/slack/web-api";
import { NOW_MS } from "../requests";
import { buildTask } from "./tasks";
import { THREAD } from "./world";

const CARD_TS = "1763805700.000001";

describe("cards", () => {
  const deadline = new Deadline(5000);
  const progress = { state: "processing" as const, steps: [{ label: "read", state: "processing" as const }] };
  const inThread = buildTask({ threadTs: THREAD });
  const carded = buildTask({ threadTs: THREAD, cardTs: CARD_TS });
  let slack: sinon.SinonStubbedInstance<Slack>;
  let once: sinon.SinonStubbedInstance<Once>;
  let turns: sinon.SinonStubbedInstance<TaskCards>;
  let tasks: sinon.SinonStubbedInstance<TasksTable>;
  let cards: Cards;
  beforeEach(() => {
    slack = sinon.createStubInstance(Slack);
    once = sinon.createStubInstance(Once);
    turns = sinon.createStubInstance(TaskCards);
    tasks = sinon.createStubInstance(TasksTable);
    cards = new Cards({
      slack,
      once,
      turns,
      tasks,
      names: { writeInto: async text => text.replace("<@U0002>", "@Bob") },
      nowMs: () => NOW_MS,
    });
    slack.post.resolves(CARD_TS);
    turns.takeTurn.resolves(0);
    attemptSince(undefined);
  });
  /** Lets the work be done, for the first time or after an attempt whose end nobody knows. */
  const attemptSince = (sinceMs: number | undefined) =>
    once.run.callsFake(async (_, __, work) => ({
      result: (await work({ id: "card-1", sinceMs, draft: undefined })).result,
      isRepeat: false,
    }));
  const report = (task: Task) => cards.report(task, progress, deadline);

  describe("report", () => {
    it("posts a task's card in its thread once, and stores its ts", async () => {
      expect(await report(inThread)).to.deep.equal({ ts: CARD_TS });
      const call: OnceCall = {
        task: inThread.id,
        key: "card",
        tool: "report_progress",
        fingerprint: "card",
        limits: [],
        requestedAtMs: undefined,
      };
      sinon.assert.calledOnceWithExactly(once.run, call, deadline, sinon.match.func);
      sinon.assert.calledOnceWithMatch(slack.post, { channel: "C0001", id: "card-1", threadTs: THREAD });
      sinon.assert.calledOnceWithExactly(tasks.keepCard, inThread, { ts: CARD_TS, threadTs: THREAD }, NOW_MS);
      sinon.assert.notCalled(slack.findPosted);
      sinon.assert.notCalled(slack.update);
    });

    it("finds the card that a lost attempt posted, and stores its ts", async () => {
      attemptSince(NOW_MS - 1);
      slack.findPosted.resolves(CARD_TS);
      expect(await report(inThread)).to.deep.equal({ ts: CARD_TS });
      sinon.assert.calledOnceWithExactly(slack.findPosted, { channel: "C0001", id: "card-1", threadTs: THREAD }, NOW_MS - 1);
      sinon.assert.notCalled(slack.post);
      sinon.assert.calledOnce(tasks.keepCard);
    });

    it("changes an existing card when it is due", async () => {
      expect(await report(carded)).to.deep.equal({ ts: CARD_TS });
      sinon.assert.calledOnceWithExactly(turns.takeTurn, carded.id, NOW_MS, 3000, deadline);
      sinon.assert.calledOnceWithMatch(slack.update, { channel: "C0001", ts: CARD_TS });
      sinon.assert.notCalled(once.run);
    });

    it("changes nothing too early, and says how long to wait", async () => {
      turns.takeTurn.resolves(1200);
      expect(await report(carded)).to.deep.equal({ retryAfterMs: 1200 });
      sinon.assert.notCalled(slack.update);
    });

    it("changes a card whose ts another attempt has not stored yet", async () => {
      once.run.resolves({ result: { ts: CARD_TS }, isRepeat: true });
      await report(inThread);
      sinon.assert.calledOnceWithMatch(slack.update, { channel: "C0001", ts: CARD_TS });
    });

    it("shows how an ended task ended, whatever is reported", async () => {
      await report({ ...carded, state: "stopped" });
      expect(JSON.stringify(slack.update.firstCall.args)).to.contain("Stopped").and.not.contain("agent_stop");
    });

    const busy = [
      ["being done by another", new ToolBusy("being-done-already", 900), 900],
      ["limited by Slack", new SlackBusy("Slack asks to wait 7 s.", { retryAfterSeconds: 7 }), 7000],
      ["unanswered by Slack", new SlackBusy("Slack did not answer."), 1000],
    ] as const;
    for (const [what, error, retryAfterMs] of busy) {
      it(`says when to retry if it is ${what}`, async () => {
        slack.update.rejects(error);
        expect(await report(carded)).to.deep.equal({ retryAfterMs });
      });
    }

    it("continues without a deleted card, and throws any other refusal", async () => {
      slack.update.rejects(new SlackRefused("Slack refuses chat.update.", { context: { code: "message_not_found" } }));
      expect(await report(carded)).to.deep.equal({ ts: CARD_TS });
      const refused = new SlackRefused("Slack refuses chat.update.", { context: { code: "is_archived" } });
      slack.update.rejects(refused);
      expect(await rejectionOf(report(carded))).to.equal(refused);
    });
  });

  describe("open", () => {
    it("posts a waiting card unless there is one", async () => {
      expect(await cards.open(inThread, deadline)).to.deep.equal({ ts: CARD_TS });
      expect(await cards.open({ ...inThread, cardTs: "1.000001" }, deadline)).to.deep.equal({ ts: "1.000001" });
      sinon.assert.calledOnce(slack.post);
    });

    it("leaves it to another who is posting the card", async () => {
      once.run.rejects(new ToolBusy("being-done-already", 39_000));
      expect(await cards.open(inThread, deadline)).to.deep.equal({ retryAfterMs: 1000 });
    });
  });

  describe("ensureThread", () => {
    it("posts nothing for a task that has its thread", async () => {
      expect(await cards.ensureThread(inThread, deadline)).to.deep.equal(inThread);
      sinon.assert.notCalled(once.run);
    });

    it("starts the thread of any other task with a waiting card without steps", async () => {
      const task = buildTask({ state: "waiting" });
      expect(await cards.ensureThread(task, deadline)).to.deep.equal({ ...task, cardTs: CARD_TS, threadTs: CARD_TS });
      expect(slack.post.firstCall.args[0]).to.include({ channel: "C0001", text: "Waiting: count" }).and.not.have.property("threadTs");
      sinon.assert.calledOnceWithExactly(tasks.keepCard, task, { ts: CARD_TS, threadTs: CARD_TS }, NOW_MS);
    });

    it("throws while another posts that card", async () => {
      const busy = new ToolBusy("being-done-already", 900);
      once.run.rejects(busy);
      expect(await rejectionOf(cards.ensureThread(buildTask(), deadline))).to.equal(busy);
    });
  });
});
