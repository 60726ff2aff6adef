/** What tests need: laptop clouds with hand-written resources, and helpers that wait, measure, and expect errors. */

export { eventually } from "./eventually";
export { reportStart, startKillableCloud } from "./killable-cloud";
export { startLaptop } from "./laptop";
export { processorMs } from "./processor-time";
export { rejectionOf, thrownBy } from "./thrown";
