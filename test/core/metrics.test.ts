import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import sinon from "sinon";
import { createLog } from "#core/log";
import { Metrics, metrics } from "#core/metrics";

describe("metrics", () => {
  let lines: string[];
  const create = () =>
    new Metrics(
      () => "slack-fanout-dev-webhook",
      line => void lines.push(line),
      () => 1000,
    );
  const read = () => lines.map(line => JSON.parse(line));
  beforeEach(() => {
    lines = [];
  });
  afterEach(() => sinon.restore());

  it("writes one line in the embedded metric format when the work ends", async () => {
    const metrics = create();
    await metrics.measure(async () => {
      metrics.concern("T-C-1-webhook");
      metrics.add("AckMs", 12);
      await sleep(0);
      metrics.add("Messages", 1);
      expect(lines).to.deep.equal([]);
    });
    expect(lines[0]).to.match(/^[^\n]+\n$/);
    expect(read()).to.deep.equal([
      {
        _aws: {
          Timestamp: 1000,
          CloudWatchMetrics: [
            {
              Namespace: "slack-fanout",
              Dimensions: [["service"]],
              Metrics: [
                { Name: "AckMs", Unit: "Milliseconds" },
                { Name: "Messages", Unit: "Count" },
              ],
            },
          ],
        },
        service: "slack-fanout-dev-webhook",
        messageId: "T-C-1-webhook",
        AckMs: 12,
        Messages: 1,
      },
    ]);
  });

  it("keeps the values of work side by side apart, and all values of one metric", async () => {
    const metrics = create();
    const work = (id: string, ...values: number[]) =>
      metrics.measure(async () => {
        metrics.concern(id);
        await sleep(1);
        for (const value of values) metrics.add("DibsWaitMs", value);
      });
    await Promise.all([work("a", 1, 2), work("b", 3)]);
    expect(read().map(({ messageId, DibsWaitMs }) => [messageId, DibsWaitMs])).to.have.deep.members([
      ["a", [1, 2]],
      ["b", 3],
    ]);
  });

  it("reports work that fails", async () => {
    const metrics = create();
    const failed = new Error("no");
    const work = metrics.measure(async () => {
      metrics.add("FailedAcks", 1);
      throw failed;
    });
    expect(await work.catch((error: unknown) => error)).to.equal(failed);
    expect(read()).to.have.length(1);
  });

  it("keeps at most the hundred values that CloudWatch reads", async () => {
    const metrics = create();
    await metrics.measure(async () => {
      for (let value = 0; value < 150; value += 1) metrics.add("DibsWaitMs", value);
    });
    expect(read()[0].DibsWaitMs).to.have.length(100);
  });

  it("writes nothing without values, outside of work, and where no function runs", async () => {
    await create().measure(async () => {});
    create().add("Messages", 1);
    const none = new Metrics(
      () => undefined,
      line => void lines.push(line),
    );
    await none.measure(async () => none.add("Messages", 1));
    expect(lines).to.deep.equal([]);
  });

  it("names the message in each log line", async () => {
    const logged = sinon.stub(console, "log");
    await metrics.measure(async () => {
      createLog("webhook", {}).info("before");
      metrics.concern("T-C-1-webhook");
      createLog("webhook", {}).info("after");
    });
    expect(logged.args.map(([line]) => JSON.parse(line as string).messageId)).to.deep.equal([undefined, "T-C-1-webhook"]);
  });
});
