import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, startKillableCloud } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type Doors, startDoors } from "./doors";
import { startWorkspace } from "./workspace";

describe("slack durability", () => {
  let doors: Doors;
  let directory: string;

  beforeEach(async () => {
    doors = await startDoors();
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });

  afterEach(async () => {
    await doors.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const startChild = async () => {
    const args = [doors.url, directory];
    const { started: slackUrl, kill } = await startKillableCloud<string>(join(__dirname, "killable-cloud.ts"), { args });
    return {
      post: async (path: string, body: object) =>
        (await (await fetch(`${slackUrl}/${path}`, { method: "POST", body: JSON.stringify(body) })).json()) as { ts: string },
      kill,
    };
  };

  it("delivers pending events, webhooks and commands after kill -9, and loses no message", async () => {
    let release = () => {};
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    doors.answer(({ path, body }) => (path === "/events" && body.includes("url_verification") ? {} : { until: held }));
    const child = await startChild();
    const { ts } = await child.post("say", { user: "U0001", channel: "C0001", text: "awsadvent before the crash" });
    await child.post("say", { user: "U0002", channel: "U0001", text: "a direct message" });
    await child.post("say", { user: "U0001", channel: "C0001", text: "/dibs" });
    await eventually(() => doors.received.length === 3);
    await child.kill();
    release();
    doors.received.length = 0;
    doors.answer(({ path }) => (path === "/webhook" ? { body: JSON.stringify({ text: "counted" }) } : {}));

    const workspace = await startWorkspace(doors, { directory });
    try {
      await eventually(() => doors.at("/webhook").length === 1 && doors.at("/commands").length === 1 && doors.at("/events").length >= 1);
      const messages = await eventually(async () => {
        const shown = await workspace.messages();
        return (
          shown.some(({ text }) => text === "counted") &&
          shown.every(each => each.deliveries.every(({ state }) => state === "delivered")) &&
          shown
        );
      });
      expect(messages.map(({ text }) => text)).to.deep.equal(["awsadvent before the crash", "/dibs", "counted"]);
      expect(messages[0]!.ts).to.equal(ts);
      expect(messages[0]!.deliveries.map(({ door }) => door).sort()).to.deep.equal(["events", "webhook"]);
      expect((await workspace.messages("D0004", "U0002")).map(({ text }) => text)).to.deep.equal(["a direct message"]);
    } finally {
      await workspace.stop();
    }

    // Everything is delivered, so another start sends nothing.
    doors.received.length = 0;
    const again = await startWorkspace(doors, { directory });
    await eventually(async () => (await again.state()).app?.events.verified);
    expect(doors.received).to.have.length(0);
    expect((await again.say({ text: "later" })) > ts).to.equal(true);
    await again.stop();
  });

  it("adds the private channel and missing direct messages to a workspace of an earlier release, and keeps those opened there", async () => {
    const first = await startWorkspace(doors, { directory });
    const before = (await first.state()).channels;
    const state = first.cloud.state("slack");
    // Such a workspace lacks them, and has direct messages between two people under the first id.
    const direct = { ...before.find(({ id }) => id === "D0001")!, members: ["U0002", "U0003"] };
    await state.batch([...["G0001", "D0002", "D0003"].map(id => ({ delete: `channel/${id}` })), { put: "channel/D0001", value: direct }]);
    await first.stop();

    const second = await startWorkspace(doors, { directory });
    try {
      const { channels } = await second.state();
      expect(channels.find(({ id }) => id === "D0001")).to.deep.equal(direct);
      expect(channels.find(({ id }) => id === "G0001")?.members).to.deep.equal(["U0001", "U0002", "UBOT01"]);
      const others = channels.filter(({ kind, members }) => kind === "im" && members.includes("UBOT01"));
      expect(others.map(({ id, members }) => `${id} ${members[0]}`)).to.deep.equal(["D0002 U0001", "D0003 U0002", "D0004 U0003"]);
    } finally {
      await second.stop();
    }
  });

  it("continues with the same retry after a restart", async () => {
    doors.answer(() => ({}));
    const first = await startWorkspace(doors, { directory });
    await eventually(async () => (await first.state()).app?.events.verified);
    doors.answer(() => ({ status: 500 }));
    await first.say({ text: "x" });
    await eventually(async () => (await first.messages())[0]!.deliveries[0]!.retries === 1);
    await first.stop();
    doors.received.length = 0;

    doors.answer(() => ({}));
    const second = await startWorkspace(doors, { directory });
    try {
      await eventually(async () => (await second.state()).app?.events.verified);
      expect(doors.at("/events")).to.have.length(0);
      second.cloud.clock.advance(60);
      const [request] = await eventually(() => doors.at("/events").length === 1 && doors.at("/events"));
      expect(request!.headers["x-slack-retry-num"]).to.equal("2");
    } finally {
      await second.stop();
    }
  });
});
