import { describeGateway } from "./agents/gateway";
import { describeTasks } from "./agents/tasks";
import { LaptopProcess } from "./laptop-process";

/** One laptop for both, because its start takes more processor time than most of their tests. */
describe("agents", () => {
  const laptop = new LaptopProcess();

  before(() => laptop.start("--config", "features=documents,dibs"));

  after(() => laptop.remove());

  // First, because it lists the grants of the gateway that nobody has used, and the calls that were refused.
  describeGateway(laptop);
  describeTasks(laptop);
});
