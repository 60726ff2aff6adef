import { expect } from "chai";
import type { Task } from "#core/agent/task";
import { buildQueue, type Queue } from "#core/dibs/queue";
import { buildHome, type HomeContent } from "#core/home/home";

const NOW_MS = 1_763_805_600_000;

const make = (content: Partial<HomeContent> = {}) => {
  const { blocks } = buildHome({ user: "U0001", nowMs: NOW_MS, isAdmin: false, hasSettings: true, ...content });
  const actions = JSON.stringify(blocks).matchAll(/"action_id":"(\w+)"/g);
  return { blocks: blocks as object[], text: JSON.stringify(blocks), actions: [...actions].map(([, action]) => action) };
};

const claim = (owner: string) => ({
  id: `claim-${owner}`,
  owner,
  isPersonal: true,
  maker: owner,
  forSeconds: null,
  joinedAtMs: NOW_MS,
  leaseId: owner,
  sinceMs: NOW_MS,
});
const held = (name: string, owner = "U0002"): Queue => ({ ...buildQueue("T0001", name), claims: [claim(owner)] });
const task = (id: string): Task => ({
  id,
  state: "processing",
  team: "T0001",
  channel: "C0001",
  user: "U0001",
  text: "sleep 8h",
  createdAtMs: NOW_MS - 60_000,
  attempts: 1,
});

describe("home", () => {
  it("has the buttons that this person can use", () => {
    const queues = [held("staging", "U0001"), held("lab"), buildQueue("T0001", "printer")];
    expect(make({ queues }).actions).to.deep.equal(["home_claim", "dibs_release", "dibs_join", "home_claim"]);
    expect(make({ queues, tasks: [task("one")] }).actions).to.include("agent_stop");
  });

  it("has more for admins, and settings only where they are the workspace's", () => {
    expect(make({ queues: [], isAdmin: true }).actions).to.deep.equal(["home_claim", "home_add", "home_rename", "home_settings"]);
    expect(make({ queues: [], isAdmin: true, hasSettings: false }).actions).not.to.include("home_settings");
  });

  it("shows nothing of what is off", () => {
    expect(make().blocks).to.deep.equal([]);
  });

  it("asks to install the app again if scopes are missing", () => {
    const installUrl = "https://example.com/install";
    expect(make({ missing: { scopes: ["files:read"], installUrl } }).text).to.include(
      `<${installUrl}|Install it again> to allow: files:read.`,
    );
    expect(make({ missing: { scopes: [], installUrl } }).blocks).to.deep.equal([]);
  });

  it("stays within Slack's 100 blocks", () => {
    const many = Array.from({ length: 50 }, (_, index) => String(index));
    const queues = [...many.map(name => held(name)), ...many.map(name => buildQueue("T0001", `free${name}`))];
    const { blocks, text } = make({ note: "x", queues, words: "x", tasks: many.map(task), isAdmin: true });
    expect(blocks).to.have.length.at.most(100);
    expect(text).to.include("... and 30 more").and.to.include("... and 40 more");
  });
});
