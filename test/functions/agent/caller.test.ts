import { expect } from "chai";
import sinon from "sinon";
import { AgentCaller } from "#functions/agent/caller";
import { AgentQueue } from "#stores/agent/queue";
import type { Delivery } from "../../../agent/delivery";

describe("agent-caller", () => {
  const message = { messageId: "message-1", body: "a task", receiptHandle: "handle-1", attributes: { ApproximateReceiveCount: "2" } };
  let queue: sinon.SinonStubbedInstance<AgentQueue>;
  beforeEach(() => {
    queue = sinon.createStubInstance(AgentQueue);
    queue.extend.resolves();
  });
  /** A worker whose work on a delivery is `work`. */
  const handle = (work: (delivery: Delivery) => Promise<void>, { stop = () => {}, remainingMs = 900_000 } = {}) => {
    let working: Promise<void> = Promise.resolve();
    const worker = {
      take: (delivery: Delivery) => {
        working = work(delivery);
      },
      finish: () => working,
      stop: async () => stop(),
    };
    return new AgentCaller(queue, () => worker).handle(message, { getRemainingTimeInMillis: () => remainingMs });
  };

  it("is done when the worker has deleted the message", async () => {
    const isDone = await handle(async delivery => {
      expect(delivery.receiveCount).to.equal(2);
      await delivery.remove();
    });
    expect(isDone).to.equal(true);
    sinon.assert.calledOnceWithExactly(queue.delete, "handle-1");
  });

  it("is done when the task is handed back, since a copy is in the queue", async () => {
    expect(await handle(delivery => delivery.handBack())).to.equal(true);
  });

  it("is not done when the message must come again, or Lambda would delete it", async () => {
    for (const work of [async () => {}, (delivery: Delivery) => delivery.retryAfter(30)]) expect(await handle(work)).to.equal(false);
  });

  it("stops the worker half a minute before Lambda ends it", async () => {
    let stopped = () => {};
    const isStopped = new Promise<void>(resolve => {
      stopped = resolve;
    });
    const work = async (delivery: Delivery) => {
      await isStopped;
      await delivery.handBack();
    };
    await handle(work, { stop: () => stopped(), remainingMs: 30_010 });
  });
});
