import { describeGateway } from "./agents/gateway";
import { describeTasks } from "./agents/tasks";
import { LaptopProcess } from "./laptop-process";

/** Both share one laptop, because its start takes more processor time than most of these tests. */
describe("agents", () => {
  const laptop = new LaptopProcess();

  before(() => laptop.start("--config", "features=documents,dibs"));

  after(() => laptop.remove());

  // First, because it lists the grants of the gateway that nobody has used, and the calls that were refused.
  describeGateway(laptop);
  describeTasks(laptop);
});
