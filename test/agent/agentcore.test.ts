import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { AgentCoreServer } from "../../agent/agentcore";
import { buildMessage, startWorkplace, type Workplace } from "./workplace";

const LOOPBACK = { host: "127.0.0.1", port: 0 };

describe("agentcore", () => {
  let place: Workplace;
  let hired: ReturnType<Workplace["hire"]>;
  let server: AgentCoreServer;
  let url: string;
  beforeEach(async () => {
    place = await startWorkplace();
    // Only the dispatcher receives messages that return to the queue, so this worker must not poll it.
    hired = place.hire({ isInvoked: true });
    server = new AgentCoreServer(hired.worker, hired.queue, place.log, place.nowMs);
    url = `http://127.0.0.1:${await server.start(LOOPBACK)}`;
  });
  afterEach(async () => {
    await server.stop();
    await place.stop();
  });

  const invoke = (body: string) => fetch(`${url}/invocations`, { method: "POST", body, headers: { "content-type": "application/json" } });
  const ping = async () => (await (await fetch(`${url}/ping`)).json()) as { status: string; time_of_last_update: number };

  it("answers an invocation at once, is busy while the task runs, and healthy afterwards", async () => {
    const message = buildMessage("sleep 5s then post one");
    const idle = await ping();
    expect(idle).to.have.property("status", "Healthy");
    const response = await invoke(message.body);

    expect([response.status, await response.json()]).to.deep.equal([200, { status: "accepted" }]);
    expect(await ping()).to.have.property("status", "HealthyBusy");
    await eventually(async () => (await place.tasks.read(message.id))?.state === "done");
    await eventually(async () => (await ping()).status === "Healthy");
    expect((await ping()).time_of_last_update)
      .to.be.a("number")
      .above(idle.time_of_last_update);
    expect(place.gateway.posts(message.id)).to.deep.equal(["one", "Slept 5 s.\nPosted: one"]);
  });

  it("runs a task once if it is invoked twice", async () => {
    const message = buildMessage("post one");
    await Promise.all([invoke(message.body), invoke(message.body)]);
    await eventually(async () => (await place.tasks.read(message.id))?.state === "done");

    expect(place.gateway.posts(message.id)).to.deep.equal(["one", "Posted: one"]);
  });

  it("returns a task to the queue on shutdown", async () => {
    const message = buildMessage("sleep 5h");
    await invoke(message.body);
    await eventually(() => place.gateway.card(message.id)?.steps.at(-1)?.label === "Sleep 5 h");
    await hired.stop();

    expect((await place.receive("agent-tasks")).map(({ Body }) => Body)).to.deep.equal([message.body]);
    expect(await place.readLease("thread#T0001#C0001#1763805600.000100")).to.equal(undefined);
  });

  it("returns a failed task to the queue with a delay, until its third try", async () => {
    const message = buildMessage("fail no milk");
    for (const state of ["waiting", "waiting", "failed"]) {
      await invoke(message.body);
      await eventually(async () => !hired.worker.isBusy);
      expect(await place.tasks.read(message.id)).to.have.property("state", state);
    }

    expect(await place.countMessages("agent-tasks")).to.equal(2);
  });

  const refused: [what: string, method: string, path: string, body: string | undefined, status: number][] = [
    ["something that is not a task", "POST", "/invocations", "{}", 400],
    ["something that is not JSON", "POST", "/invocations", "x", 400],
    ["something that is too large", "POST", "/invocations", "x".repeat(10 * 1024 * 1024), 413],
    ["another path", "GET", "/", undefined, 404],
    ["another method", "GET", "/invocations", undefined, 404],
  ];
  for (const [what, method, path, body, status] of refused) {
    it(`refuses ${what} with ${status}`, async () => {
      expect((await fetch(`${url}${path}`, { method, body })).status).to.equal(status);
      expect(hired.worker.isBusy).to.equal(false);
    });
  }
});
