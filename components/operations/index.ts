export { Budget } from "./budget";
export { Dashboard } from "./dashboard";
export { Joiner } from "./joiner";
export { collectOutputs } from "./outputs";
export { Relay } from "./relay";
