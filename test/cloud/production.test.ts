import { LaptopProcess } from "./laptop-process";
import { describeOperator } from "./production/operator";
import { describeOwnAgent, OwnAgent } from "./production/own-agent";

/** Both share one laptop, because its start takes more processor time than most of these tests. */
describe("production", () => {
  const laptop = new LaptopProcess();
  const agent = new OwnAgent();

  before(async () => laptop.start("--config", "production=true", ...(await agent.listen())));

  after(async () => {
    agent.stop();
    await laptop.remove();
  });

  // First, because it lists what has failed.
  describeOperator(laptop);
  describeOwnAgent(laptop, agent);
});
