import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { AgentCaller } from "#functions/agent/caller";
import { AgentQueue } from "#stores/agent/queue";
import type { Delivery } from "../../../agent/delivery";

describe("agent-caller", () => {
  const message = { body: "a task", receiptHandle: "handle-1", attributes: { ApproximateReceiveCount: "2" } };
  const queue = sinon.createStubInstance(AgentQueue);
  queue.extend.resolves();
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

  it("returns when the worker has deleted the message", async () => {
    await handle(async delivery => {
      expect(delivery.receiveCount).to.equal(2);
      await delivery.remove();
    });
    sinon.assert.calledOnceWithExactly(queue.delete, "handle-1");
  });

  it("returns when the task is handed back, since a copy is in the queue", async () => {
    await handle(delivery => delivery.handBack());
  });

  it("throws when the message must come again, or Lambda would delete it", async () => {
    for (const work of [async () => {}, (delivery: Delivery) => delivery.retryAfter(30)])
      expect(await rejectionOf(handle(work)))
        .to.have.property("message")
        .that.contains("its message stays in the queue");
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
