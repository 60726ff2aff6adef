import { buildTrace } from "@slack-fanout/laptop-cloud/page/trace";
import type { Occurrence } from "@slack-fanout/laptop-cloud/protocol";
import { expect } from "chai";
import { describeSlackStep } from "../../page/trace";

const describeStep = (step: Omit<Occurrence, "atMs" | "kind">) =>
  buildTrace([{ atMs: 1, kind: "slack", ...step }], { slack: describeSlackStep })[0]!;

describe("Slack steps of a trace", () => {
  it("shows who posted a message", () => {
    expect(describeStep({ from: "U0001", detail: { change: "posted" } }).what).to.equal("U0001 says");
    expect(describeStep({ from: "slack", detail: { change: "posted" } }).what).to.equal("shows an answer");
  });

  it("shows a delivery and its outcome", () => {
    const delivered = describeStep({
      detail: { change: "delivery", door: "events", event: "message", state: "delivered", status: 200, ms: 7 },
    });
    expect([delivered.what, delivered.ms, delivered.failed]).to.deep.equal(["→ events (message), 200", 7, false]);
    const waiting = describeStep({
      detail: { change: "delivery", door: "events", state: "waiting", status: null, reason: "http_timeout" },
    });
    expect([waiting.what, waiting.failed]).to.deep.equal(["→ events, waiting http_timeout", true]);
  });
});
