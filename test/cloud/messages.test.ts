import { LaptopProcess } from "./laptop-process";
import { describeDeadLetters } from "./messages/dead-letters";
import { describeDoors } from "./messages/doors";
import { describeFanOut } from "./messages/fan-out";

/** They share one laptop, because its start takes more processor time than most of these tests. */
describe("messages", () => {
  const laptop = new LaptopProcess();

  before(() => laptop.start("--config", "messageArchiveDays=30"));

  after(() => laptop.remove());

  // First, because it lists everything that has failed, and replays what was said in the last hours.
  describeDeadLetters(laptop);
  describeFanOut(laptop);
  describeDoors(laptop);
});
