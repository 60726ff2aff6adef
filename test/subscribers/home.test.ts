import { expect } from "chai";
import sinon from "sinon";
import { SlackBusy, SlackRefused } from "#core/errors";
import { buildHomeRefresh } from "#core/home/home-event";
import { parseEventEnvelope } from "#core/message/event";
import { Home } from "#subscribers/home";

const NOW_MS = Date.parse("2026-11-29T10:00:00Z");

const make = (scopes?: string[], externalUsers: "refuse" | "allow" = "refuse") => {
  const call = sinon.stub().resolves({ ok: true });
  const of = sinon.stub().returns({ call });
  const boards = { readTopSums: sinon.stub().resolves([["lunch", 3]]) };
  const tasks = { findOfUser: sinon.stub().resolves([]) };
  const queues = { list: sinon.stub().resolves([]) };
  const users = { read: sinon.stub().resolves({ isAdmin: true, isExternal: false }) };
  const installations = { getForTeam: sinon.stub().resolves({ installation: "T0002", scopes: ["chat:write"] }) };
  const settings = {
    agent: { tasksTable: "tasks" },
    installUrl: "https://example.com/install",
    scopes,
    externalUsers,
  };
  const stores = { slacks: { of }, users, boards, queues, tasks, installations: scopes && installations };
  const home = new Home({ ...stores, settings, log: { info: sinon.stub() }, nowMs: () => NOW_MS });
  const handle = (note?: string) =>
    home.handle(parseEventEnvelope(buildHomeRefresh({ team: "T0002", user: "U1002", note }, "press", NOW_MS).envelope));
  const published = () => call.firstCall.args as [string, { user_id: string; view: object }];
  return { call, of, users, boards, tasks, queues, home, handle, published };
};

describe("home", () => {
  it("publishes as the bot of the person's workspace: public words of its week, its turns, and only the person's own tasks", async () => {
    const { of, boards, tasks, queues, handle, published } = make();
    await handle("You added `lab`.");
    const [method, { user_id, view }] = published();
    expect([method, user_id]).to.deep.equal(["views.publish", "U1002"]);
    expect(JSON.stringify(view)).to.include("You added `lab`.").and.include("1. `lunch` = 3");
    expect(of.args.flat()).to.deep.equal(["T0002"]);
    const [asked] = boards.readTopSums.firstCall.args as [object[]];
    expect(asked).to.have.length(7);
    expect(asked[0]).to.deep.equal({ team: "T0002", period: "2026-11-29" });
    expect(tasks.findOfUser.firstCall.args.slice(0, 2)).to.deep.equal(["T0002", "U1002"]);
    expect(queues.list.firstCall.args[0]).to.equal("T0002");
  });

  it("shows a person of another company nothing of the workspace, unless the operator allows it", async () => {
    for (const [externalUsers, shows] of [["refuse", false] as const, ["allow", true] as const]) {
      const { users, boards, handle, published } = make(undefined, externalUsers);
      users.read.resolves({ isAdmin: false, isExternal: true });
      await handle();
      expect(JSON.stringify(published()[1].view).includes("lunch"), externalUsers).to.equal(shows);
      expect(boards.readTopSums.called).to.equal(shows);
    }
  });

  it("names the scopes that this installation lacks", async () => {
    const { handle, published } = make(["chat:write", "files:read"]);
    await handle();
    expect(JSON.stringify(published()[1].view)).to.include("to allow: files:read.");
  });

  it("is tried again if Slack is busy, and given up if Slack refuses", async () => {
    const { call, handle } = make();
    call.rejects(new SlackRefused("not_enabled"));
    await handle();
    call.rejects(new SlackBusy("busy"));
    expect(await handle().catch(error => error as Error)).to.be.instanceOf(SlackBusy);
  });
});
