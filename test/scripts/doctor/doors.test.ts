import { expect } from "chai";
import sinon from "sinon";
import { Doors, judgeStranger } from "../../../scripts/doctor/doors";
import { SlackSender } from "../../../scripts/slack-sender";
import type { StackOutputs } from "../../../scripts/stack-outputs";

describe("doctor: doors", () => {
  afterEach(() => sinon.restore());

  const outputs = { url: "https://api.example", eventsUrl: "https://api.example/events" } as StackOutputs;
  const secrets = { signing: "s3cret" };
  const sender = new SlackSender({ outputs, readNowMs: async () => 0 }, secrets, { team: "T1", channel: "C1", user: "U1" });

  it("refuse strangers with 401; anything else is a problem, each with what to do", () => {
    expect(judgeStranger("route events", 401).state).to.equal("ok");
    for (const status of [200, 400, 404, 429, 500, 503]) {
      const { state, seen, todo } = judgeStranger("route events", status);
      expect(state, String(status)).to.equal("problem");
      expect(seen).to.include(String(status));
      expect(todo).to.be.a("string");
    }
  });

  it("have another signing secret if a signed challenge is refused", async () => {
    sinon.stub(globalThis, "fetch").callsFake(async () => new Response("", { status: 401 }));
    const [finding] = await new Doors(outputs, sender, secrets).lookAtSignature();
    expect(finding).to.include({ state: "problem", seen: "A signed challenge gets 401, but must get 200." });
  });

  it("must not take old signatures", async () => {
    sinon.stub(globalThis, "fetch").callsFake(async () => new Response("{}"));
    const [finding] = await new Doors(outputs, sender, secrets).lookAtSignature();
    expect(finding?.seen).to.equal("Signatures that are ten minutes off get 200 and 200, but must get 401.");
  });

  it("tell that this machine's clock is wrong", async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    sinon.stub(globalThis, "fetch").callsFake(async () => new Response("", { status: 404, headers: { date } }));
    const { state, seen } = await new Doors(outputs, sender, secrets).lookAtClock();
    expect(state).to.equal("warning");
    expect(seen).to.match(/clock is 3600 s off|clock is 3601 s off/);
  });
});
