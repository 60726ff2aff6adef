import { describeDibs } from "./features/dibs";
import { describePipelines } from "./features/pipelines";
import { describeTriggers } from "./features/triggers";
import { LaptopProcess } from "./laptop-process";

const SETTINGS = [
  "features=documents,payroll,onboarding,dibs",
  "deletedMessages=remove",
  "triggersFrom=events",
  "joinChannels=true",
  "agent=off",
];

/** They share one laptop, because its start takes more processor time than most of these tests. */
describe("features", () => {
  const laptop = new LaptopProcess();

  before(() => laptop.start(...SETTINGS.flatMap(setting => ["--config", setting])));

  after(() => laptop.remove());

  describeDibs(laptop);
  describePipelines(laptop);
  describeTriggers(laptop);
});
