import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { createStubInstance, type SinonStubbedInstance } from "sinon";
import type { Json } from "#core/agent/task";
import type { ToolOutcome } from "../../agent/brain";
import { Progress } from "../../agent/progress";
import { GatewayTools } from "../../agent/tools";

const SHOWN: ToolOutcome = { ok: true, result: { ts: "1763805600.000100" } };
const REFUSED: ToolOutcome = { ok: false, rule: "slack", message: "Slack refuses chat.update: channel_not_found." };

describe("progress", () => {
  let tools: SinonStubbedInstance<GatewayTools>;
  let over: AbortController;
  let nowMs: number;
  let lines: string[];
  let progress: Progress;
  /** Answers the report in flight. */
  let answer: (outcome: ToolOutcome) => void;
  beforeEach(() => {
    tools = createStubInstance(GatewayTools);
    over = new AbortController();
    nowMs = 1000;
    lines = [];
    const log = { info: () => {}, debug: () => {}, error: (message: string) => lines.push(message) };
    // Each reading of the clock advances it, so that tests never wait.
    progress = new Progress("t", { tools, log, nowMs: () => (nowMs += 10_000) }, over.signal);
    tools.report.resolves(SHOWN);
    tools.report.onFirstCall().callsFake(() => new Promise(resolve => (answer = resolve)));
  });

  const reported = () => tools.report.args.map(([, { state, note }]) => [state, note] as [Json, Json | undefined]);
  const waitForReport = () =>
    new Promise<void>(resolve => void setImmediate(() => (tools.report.called ? resolve() : resolve(waitForReport()))));

  it("skips to the latest state after a report in flight", async () => {
    progress.show("processing");
    await waitForReport();
    progress.show("waiting", "one");
    const settled = progress.settle("done", "two");
    answer(SHOWN);
    await settled;

    expect(reported()).to.deep.equal([
      ["processing", undefined],
      ["done", "two"],
    ]);
  });

  it("sends the last state even if an earlier report failed", async () => {
    progress.show("processing");
    await waitForReport();
    const settled = progress.settle("failed", "no milk");
    answer(REFUSED);
    await settled;

    expect(reported()).to.deep.equal([
      ["processing", undefined],
      ["failed", "no milk"],
    ]);
    expect(lines).to.deep.equal(["the card could not be changed"]);
  });

  it("shows later states after one that failed", async () => {
    progress.show("processing");
    await waitForReport();
    answer(REFUSED);
    await progress.settle("done");

    expect(reported().at(-1)).to.deep.equal(["done", undefined]);
  });

  it("throws the error that kept the last state from the card", async () => {
    const settled = progress.settle("done");
    await waitForReport();
    answer(REFUSED);

    expect(await rejectionOf(settled))
      .to.have.property("message")
      .that.contains('refused by the rule "slack"');
  });

  it("retries when the gateway asks to wait", async () => {
    const settled = progress.settle("done");
    await waitForReport();
    answer({ ok: true, result: { retryAfterMs: 3000 } });
    await settled;

    expect(reported()).to.deep.equal([
      ["done", undefined],
      ["done", undefined],
    ]);
  });

  it("ends with the signal's reason, without logging it", async () => {
    const reason = new Error("over");
    tools.report.onFirstCall().callsFake(async (_task, _args, signal) => {
      over.abort(reason);
      throw signal.reason;
    });

    expect(await rejectionOf(progress.settle("done"))).to.equal(reason);
    expect(lines).to.deep.equal([]);
  });
});
