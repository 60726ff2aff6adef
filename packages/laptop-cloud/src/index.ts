/** The laptop cloud: runs a Pulumi program for AWS in one Node process. */

export type { BuiltCode, CodeBuilder } from "./code-builder";
export { runCommand } from "./command";
export type { Laptop } from "./laptop";
export type { Plugin } from "./plugin";
