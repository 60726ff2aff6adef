/** The laptop cloud: runs a Pulumi program for AWS on this machine. */

export type { BuiltCode, CodeBuilder } from "./code-builder";
export { runCommand } from "./command";
export type { Laptop } from "./laptop";
export type { Plugin } from "./plugin";
