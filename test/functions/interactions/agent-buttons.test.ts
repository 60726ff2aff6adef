import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import { Deadline } from "#core/deadline";
import { BadRequest } from "#core/errors";
import { AgentButtons } from "#functions/interactions/agent-buttons";
import type { Reply } from "#functions/interactions/buttons";
import { Feedback } from "#stores/agent/feedback";
import { TasksTable } from "#stores/agent/tasks-table";
import { type ToolApproval, ToolApprovals } from "#stores/agent/tool-approvals";
import { NOW_MS } from "../requests";

const TASK = "T0001-C0001-1763805500.000100";
const APPROVAL: ToolApproval = {
  state: "approved",
  tool: "post_to_slack",
  summary: "> hello",
  fingerprint: "f",
  channel: "C0001",
  by: "U0001",
};

const ENDED: Task = {
  id: TASK,
  state: "done",
  team: "T0001",
  channel: "C0001",
  user: "U0001",
  text: "post hello",
  createdAtMs: NOW_MS,
  attempts: 1,
};

describe("agent buttons", () => {
  let tasks: sinon.SinonStubbedInstance<TasksTable>;
  let approvals: sinon.SinonStubbedInstance<ToolApprovals>;
  let feedback: sinon.SinonStubbedInstance<Feedback>;
  let buttons: AgentButtons;
  beforeEach(() => {
    tasks = sinon.createStubInstance(TasksTable);
    approvals = sinon.createStubInstance(ToolApprovals);
    feedback = sinon.createStubInstance(Feedback);
    buttons = create();
  });

  const create = (settings: Partial<{ approvers: "anyone" | "others"; isShared: boolean }> = {}) =>
    new AgentButtons({
      tasks,
      approvals,
      feedback,
      settings: { approvers: "anyone", isShared: false, ...settings },
      log: { info: () => {} },
      nowMs: () => NOW_MS,
    });

  const deadline = new Deadline(5000);
  const press = (action: string, value: object): Promise<Reply> => {
    const effect = buttons.read(action, JSON.stringify(value));
    if (effect === undefined) throw new Error(`${action} is not read`);
    return effect({ team: "T0001", user: "U0001", request: "r", isEphemeral: false }, deadline);
  };

  it("stores a person's rating of an answer", async () => {
    const { text } = await press("agent_feedback", { task: TASK, rating: "bad" });
    expect(text).to.include("Thank you.");
    expect(feedback.put.args).to.deep.equal([[{ task: TASK, user: "U0001", rating: "bad" }, NOW_MS, deadline]]);
    expect(thrownBy(() => buttons.read("agent_feedback", JSON.stringify({ task: TASK, rating: "ugly" })))).to.be.instanceOf(BadRequest);
  });

  it("stops a task, and tells the person who pressed", async () => {
    tasks.requestStop.resolves(true);
    expect(await press("agent_stop", { task: TASK })).to.deep.equal({
      response_type: "ephemeral",
      replace_original: false,
      text: "The agent has been asked to stop.",
    });
    expect(tasks.requestStop.args).to.deep.equal([[TASK, "U0001", NOW_MS, deadline]]);
  });

  it("says when there is nothing to stop", async () => {
    tasks.requestStop.resolves(false);
    expect((await press("agent_stop", { task: TASK })).text).to.equal("The task has already ended or been asked to stop.");
  });

  it("do nothing in another workspace than the task's", async () => {
    buttons = create({ isShared: true });
    for (const action of ["agent_stop", "agent_approve", "agent_decline"]) {
      const reply = await press(action, { task: TASK.replace("T0001", "T0002"), key: "step-0001" });
      expect(reply.text).to.equal("This button belongs to another workspace.");
    }
    sinon.assert.notCalled(tasks.requestStop);
    sinon.assert.notCalled(approvals.decide);
  });

  const decisions = [
    ["agent_approve", "approved", "Approved by <@U0001>"],
    ["agent_decline", "declined", "Declined by <@U0001>"],
  ] as const;
  for (const [action, state, shown] of decisions) {
    it(`replaces the buttons with what was ${state}`, async () => {
      approvals.decide.resolves({ ...APPROVAL, state });
      const reply = await press(action, { task: TASK, key: "step-0001" });
      expect(approvals.decide.firstCall.args.slice(0, 3)).to.deep.equal([
        { task: TASK, key: "step-0001" },
        { decision: state, by: "U0001" },
        NOW_MS,
      ]);
      expect(reply).to.include({ response_type: "in_channel", replace_original: true });
      expect(JSON.stringify(reply.blocks)).to.contain(shown).and.not.contain("agent_approve");
    });
  }

  describe("when only others than the requester may approve", () => {
    beforeEach(() => {
      buttons = create({ approvers: "others" });
      approvals.decide.resolves(APPROVAL);
    });

    it("tells the requester so, and decides nothing", async () => {
      tasks.read.resolves({ ...ENDED, state: "processing", user: "U0001" });
      expect(await press("agent_approve", { task: TASK, key: "step-0001" })).to.deep.equal({
        response_type: "ephemeral",
        replace_original: false,
        text: "You asked for this task, so somebody else has to approve it. You may decline it.",
      });
      sinon.assert.notCalled(approvals.decide);
    });

    for (const [what, action, task] of [
      ["lets the requester decline", "agent_decline", { ...ENDED, user: "U0001" }],
      ["lets somebody else approve", "agent_approve", { ...ENDED, user: "U0002" }],
      ["lets anybody approve a call without a task", "agent_approve", undefined],
    ] as const) {
      it(what, async () => {
        tasks.read.resolves(task);
        expect(await press(action, { task: TASK, key: "step-0001" })).to.include({ replace_original: true });
        sinon.assert.calledOnce(approvals.decide);
      });
    }
  });

  it("shows the first decision to a later person", async () => {
    approvals.decide.resolves({ ...APPROVAL, state: "declined", by: "U0002" });
    expect(JSON.stringify(await press("agent_approve", { task: TASK, key: "step-0001" }))).to.contain("Declined by <@U0002>");
  });

  const overs = [
    ["done", {}],
    ["stopped", {}],
    ["failed", { isTimeUp: true }],
  ] as const;
  for (const [state, more] of overs) {
    it(`replaces the buttons with a note that the task has ended (${state}) and nothing will be posted`, async () => {
      approvals.decide.resolves({ ...APPROVAL, state: "asked" });
      tasks.read.resolves({ ...ENDED, state, ...more });
      const reply = await press("agent_approve", { task: TASK, key: "step-0001" });
      expect(reply).to.include({ response_type: "in_channel", replace_original: true });
      expect(JSON.stringify(reply.blocks))
        .to.contain(`The task has ended (${state}), so nothing will be posted`)
        .and.contain("hello")
        .and.not.contain("Approved")
        .and.not.contain("agent_approve");
    });
  }

  const undecided = [
    ["may be tried again", { state: "failed" }, "The task has failed: nothing will be posted"],
    ["is asked to stop", { state: "processing", stopBy: "U0002" }, "The task has been asked to stop: nothing will be posted"],
  ] as const;
  for (const [what, more, shown] of undecided) {
    it(`keeps the buttons of a task that ${what}, and tells the person who pressed`, async () => {
      approvals.decide.resolves({ ...APPROVAL, state: "asked" });
      tasks.read.resolves({ ...ENDED, ...more });
      const reply = await press("agent_decline", { task: TASK, key: "step-0001" });
      expect(reply).to.include({ response_type: "ephemeral", replace_original: false });
      expect(reply.text).to.contain(shown);
    });
  }

  it("says when the approval is no longer needed", async () => {
    approvals.decide.resolves(undefined);
    expect(await press("agent_approve", { task: TASK, key: "step-0001" })).to.include({
      replace_original: false,
      response_type: "ephemeral",
    });
  });

  it("leaves buttons of other kinds alone", () => {
    expect(buttons.read("dibs_join", '{"name":"staging"}')).to.equal(undefined);
  });

  for (const [action, value] of [
    ["agent_stop", "x"],
    ["agent_stop", "{}"],
    ["agent_approve", JSON.stringify({ task: TASK })],
    ["agent_decline", undefined],
  ] as const) {
    it(`refuses ${action} with the value ${value}`, () => {
      expect(thrownBy(() => buttons.read(action, value))).to.be.instanceOf(BadRequest);
    });
  }
});
