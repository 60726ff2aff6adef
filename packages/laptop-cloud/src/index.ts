/** The laptop cloud: runs a Pulumi program for AWS in one Node process. */
export { runCommand } from "./command";
export { type Laptop, type RunningLaptop, startLaptop } from "./laptop";
export type { Plugin } from "./plugin";
