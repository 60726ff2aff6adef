import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import { parseTaskRequest } from "#core/agent/task-request";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { createLog } from "#core/log";
import { AskCommand } from "#functions/commands/ask";
import { AgentInbox } from "#stores/agent/inbox";
import { TasksTable } from "#stores/agent/tasks-table";
import { MessagesTopic } from "#stores/message/messages-topic";
import { NOW_MS } from "../requests";

const SENT_AT_MS = NOW_MS - 600_000;

describe("/ask", () => {
  let inbox: sinon.SinonStubbedInstance<AgentInbox>;
  let topic: sinon.SinonStubbedInstance<MessagesTopic>;
  let tasks: sinon.SinonStubbedInstance<TasksTable>;
  beforeEach(() => {
    sinon.stub(console, "error");
    inbox = sinon.createStubInstance(AgentInbox);
    topic = sinon.createStubInstance(MessagesTopic);
    tasks = sinon.createStubInstance(TasksTable);
    tasks.requestStop.resolves(true);
  });
  afterEach(() => sinon.restore());

  const deadline = new Deadline(5000);
  const say = (text: string, over: Record<string, string> = {}) => {
    const fields = { team_id: "T0001", channel_id: "C0001", user_id: "U0001", trigger_id: "1.2.abc", text, ...over };
    const command = new AskCommand({ inbox, topic, tasks, log: createLog("test", {}), nowMs: () => NOW_MS });
    return command.answer(new Map(Object.entries(fields)), deadline, SENT_AT_MS);
  };
  const sent = () => inbox.send.args.map(([envelope]) => parseTaskRequest(envelope));

  it("puts the text into the queue and confirms it", async () => {
    const { response_type, text } = await say(" post &lt;hello&gt; ");

    expect(sent()).to.deep.equal([
      {
        id: "T0001-C0001-1.2.abc-ask",
        messageId: "T0001-C0001-1.2.abc-ask",
        team: "T0001",
        channel: "C0001",
        user: "U0001",
        text: "post <hello>",
        createdAtMs: SENT_AT_MS,
      },
    ]);
    expect(response_type).to.equal("ephemeral");
    expect(text).to.match(/^The agent has your task\./);
  });

  it("lets `/ask stop` find the task before a worker starts it", async () => {
    await say("post hello");

    expect(tasks.accept.args).to.deep.equal([[sent()[0], NOW_MS, deadline]]);
    sinon.assert.callOrder(inbox.send, tasks.accept);
  });

  it("accepts the task even if it can't be recorded yet", async () => {
    tasks.accept.rejects(new Error("down"));

    expect((await say("post hello")).text).to.match(/^The agent has your task\./);
  });

  it("makes one task of a repeated delivery", async () => {
    await say("post hello");
    await say("post hello");

    expect(new Set(sent().map(({ id }) => id)).size).to.equal(1);
  });

  it("makes a new task each time if there is no trigger_id", async () => {
    await say("post hello", { trigger_id: "" });
    await say("post hello", { trigger_id: "" });

    expect(new Set(sent().map(({ id }) => id)).size).to.equal(2);
  });

  it("throws NotDurable if the queue refuses the task, and records nothing", async () => {
    inbox.send.rejects(new NotDurable("down"));

    expect(await rejectionOf(say("post hello"))).to.be.instanceOf(NotDurable);
    sinon.assert.notCalled(tasks.accept);
  });

  for (const text of ["", "  ", "help", "HELP"]) {
    it(`explains itself for ${JSON.stringify(text)}`, async () => {
      expect((await say(text)).text)
        .to.contain("`/ask TEXT`")
        .and.contain("`/ask stop`");
      sinon.assert.notCalled(inbox.send);
    });
  }

  it("refuses a text that is longer than a message", async () => {
    expect((await say("x".repeat(40_001))).text).to.contain("40001 characters");
    sinon.assert.notCalled(inbox.send);
  });

  it("refuses a request without a user", async () => {
    expect((await say("post hello", { user_id: "<!here>" })).text).to.equal("The command doesn't say who you are and where.");
    sinon.assert.notCalled(inbox.send);
  });

  describe("stop", () => {
    const task = (id: string, user: string, createdAtMs = SENT_AT_MS) => ({ id, user, createdAtMs }) as Task;

    it("stops the user's tasks in this channel, and says how many", async () => {
      tasks.findActive.resolves([task("a", "U0001"), task("b", "U0002"), task("c", "U0001")]);

      expect((await say("Stop!")).text).to.equal("2 tasks have been asked to stop.");
      expect(tasks.findActive.args).to.deep.equal([["T0001", "C0001", deadline]]);
      expect(tasks.requestStop.args).to.deep.equal([
        ["a", "U0001", NOW_MS, deadline],
        ["c", "U0001", NOW_MS, deadline],
      ]);
      sinon.assert.notCalled(inbox.send);
    });

    it("does not stop tasks requested later when it is repeated", async () => {
      tasks.findActive.resolves([task("a", "U0001"), task("b", "U0001", SENT_AT_MS + 1000)]);

      expect((await say("stop")).text).to.equal("One task has been asked to stop.");
      expect(tasks.requestStop.args.map(([id]) => id)).to.deep.equal(["a"]);
    });

    it("says so when there is nothing to stop", async () => {
      tasks.findActive.resolves([task("b", "U0002")]);

      expect((await say("stop")).text).to.equal("You have no unfinished tasks here.");
      sinon.assert.notCalled(tasks.requestStop);
    });
  });
});
