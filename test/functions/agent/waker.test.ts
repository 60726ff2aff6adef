import sinon from "sinon";
import { AgentWaker } from "#functions/agent/waker";
import { AgentService } from "#stores/agent/service";

describe("agent-waker", () => {
  let service: sinon.SinonStubbedInstance<AgentService>;
  beforeEach(() => {
    service = sinon.createStubInstance(AgentService);
  });

  const wake = (waiting: number, desiredCount: number) => {
    service.countWaiting.resolves(waiting);
    service.readDesiredCount.resolves(desiredCount);
    return new AgentWaker(service, { info: () => {} }).handle();
  };

  it("starts one container when tasks wait and none is running", async () => {
    await wake(3, 0);
    sinon.assert.calledOnceWithExactly(service.setDesiredCount, 1);
  });

  it("does nothing if the service has containers", async () => {
    await wake(3, 2);
    sinon.assert.notCalled(service.setDesiredCount);
  });

  it("does not call ECS while no task waits", async () => {
    await wake(0, 0);
    sinon.assert.notCalled(service.readDesiredCount);
    sinon.assert.notCalled(service.setDesiredCount);
  });
});
