import { describeDibs } from "./features/dibs";
import { describeDoors } from "./features/doors";
import { describePipelines } from "./features/pipelines";
import { LaptopProcess } from "./laptop-process";

const SETTINGS = ["features=documents,payroll,onboarding,dibs", "deletedMessages=remove", "agent=off"];

/** One laptop for all of these, because its start takes more processor time than most of their tests. */
describe("features", () => {
  const laptop = new LaptopProcess();

  before(() => laptop.start(...SETTINGS.flatMap(setting => ["--config", setting])));

  after(() => laptop.remove());

  describeDibs(laptop);
  describeDoors(laptop);
  describePipelines(laptop);
});
