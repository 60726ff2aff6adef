import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import type { Said } from "#core/agent/thread";
import { Deadline } from "#core/deadline";
import { SlackBusy } from "#core/errors";
import { createLog } from "#core/log";
import { ConversationTool } from "#functions/gateway/conversation-tool";
import { ThreadsTable } from "#stores/agent/threads-table";

const ROOT = "1763805600.000100";
const task = { id: "T0001-C0001-1763805600.000300", team: "T0001", channel: "C0001", threadTs: ROOT } as Task;

describe("conversation-tool", () => {
  let said: Said[];
  let threads: sinon.SinonStubbedInstance<ThreadsTable>;
  let call: sinon.SinonStub;
  beforeEach(() => {
    sinon.stub(console, "error");
    said = [];
    threads = sinon.createStubInstance(ThreadsTable);
    threads.listSaid.callsFake(async () => [...said].sort((one, other) => one.ts.localeCompare(other.ts)));
    threads.keepSaid.callsFake(async (_, each) => void said.push(each));
    call = sinon.stub().resolves({ messages: [] });
  });
  afterEach(() => sinon.restore());

  const keep = (ts: string, text: string, over: Partial<Said> = {}) => said.push({ ts, user: "U0001", text, files: [], ...over });
  const read = (until?: "all") => {
    const names = { writeInto: async (text: string) => text.replaceAll("<@U0001>", "@ann") };
    return new ConversationTool({ threads, names, slack: { call }, log: createLog("test", {}) }).read(task, new Deadline(1000), until);
  };
  const texts = async () => (await read()).entries.map(({ role, name, text }) => `${role} ${name}: ${text}`);

  it("holds what was said before the request, with names and the agent's answers", async () => {
    keep(ROOT, "hello &amp; &lt;@U0001&gt;", { task: "first", answer: "Hello." });
    keep("1763805600.000200", "me too", { user: "U0002" });
    keep("1763805600.000300", "the request", { task: task.id });
    keep("1763805600.000400", "later");
    expect(await texts()).to.deep.equal(["person ann: hello & <@U0001>", "agent agent: Hello.", "person U0002: me too"]);
    sinon.assert.notCalled(call);
  });

  it("holds nothing of a deleted message but the agent's answer", async () => {
    keep(ROOT, "", { isDeleted: true, task: "first", answer: "Hello." });
    keep("1763805600.000200", "", { isDeleted: true });
    expect(await texts()).to.deep.equal(["agent agent: Hello."]);
  });

  it("holds all that was said, also since the request, if asked for", async () => {
    keep(ROOT, "one");
    keep("1763805600.000300", "the request", { task: task.id });
    keep("1763805600.000400", "later");
    expect((await read("all")).entries.map(({ text }) => text)).to.deep.equal(["one", "the request", "later"]);
  });

  it("lists the files that were shared until then, also with the request", async () => {
    keep(ROOT, "", { files: [{ id: "F1", name: "a.png", mimetype: "image/png", size: 5 }] });
    keep("1763805600.000300", "", { files: [{ id: "F2" }], task: task.id });
    expect((await read()).files).to.deep.equal([
      { id: "F1", name: "a.png", mimetype: "image/png", sizeBytes: 5 },
      { id: "F2", name: "F2", mimetype: "", sizeBytes: null },
    ]);
  });

  it("reads from Slack what was said before the agent came, and keeps it", async () => {
    call.resolves({
      messages: [
        { ts: ROOT, user: "U0001", text: "lunch?" },
        { ts: "1763805600.000200", user: "UBOT01", bot_id: "B1", text: "beep" },
      ],
    });
    keep("1763805600.000300", "the request", { task: task.id });
    expect(await texts()).to.deep.equal(["person ann: lunch?"]);
    await read();
    sinon.assert.calledOnceWithMatch(call, "conversations.replies", { channel: "C0001", ts: ROOT, limit: 15 });
  });

  it("begins later where Slack does not answer", async () => {
    call.rejects(new SlackBusy("once a minute"));
    keep("1763805600.000300", "the request", { task: task.id });
    expect(await texts()).to.deep.equal([]);
  });
});
