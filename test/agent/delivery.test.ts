import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { AgentQueue } from "#stores/agent/queue";
import { InvokedDelivery, QueueDelivery } from "../../agent/delivery";

const received = { body: "a task", handle: "handle-1", receiveCount: 2, traceHeader: "Root=1-a" };

describe("delivery", () => {
  let queue: sinon.SinonStubbedInstance<AgentQueue>;
  beforeEach(() => {
    queue = sinon.createStubInstance(AgentQueue);
  });

  describe("of a message", () => {
    const create = () => new QueueDelivery(queue, received);

    it("is extended, retried and deleted by its receipt handle", async () => {
      await create().extend(120);
      await create().retryAfter(30);
      await create().remove();
      expect(queue.extend.args).to.deep.equal([
        ["handle-1", 120],
        ["handle-1", 30],
      ]);
      sinon.assert.calledOnceWithExactly(queue.delete, "handle-1");
      sinon.assert.notCalled(queue.copy);
    });

    it("is handed back as a new copy, and deleted only after that", async () => {
      await create().handBack(5);
      sinon.assert.calledOnceWithExactly(queue.copy, received, 5);
      sinon.assert.callOrder(queue.copy, queue.delete);
    });

    it("is not deleted if it could not be copied", async () => {
      queue.copy.rejects(new Error("SQS is down"));
      expect(await rejectionOf(create().handBack())).to.have.property("message", "SQS is down");
      sinon.assert.notCalled(queue.delete);
    });
  });

  describe("of an invocation", () => {
    const create = () => new InvokedDelivery(queue, "a task", "Root=1-a");

    it("returns to the queue as a new message, now or later", async () => {
      const delivery = create();
      await delivery.handBack();
      await delivery.retryAfter(30);
      expect(queue.copy.args).to.deep.equal([
        [delivery, 0],
        [delivery, 30],
      ]);
      expect(delivery).to.include({ body: "a task", traceHeader: "Root=1-a", receiveCount: undefined });
    });

    it("has no message to extend or delete", async () => {
      await create().extend();
      await create().remove();
      for (const call of [queue.extend, queue.delete, queue.copy]) sinon.assert.notCalled(call);
    });
  });
});
