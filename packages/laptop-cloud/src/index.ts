/** The laptop cloud: runs a Pulumi program for AWS on this machine. */

export type { BuiltCode, CodeBuilder } from "./code-builder";
export type { Laptop } from "./laptop";
export type { Plugin } from "./plugin";
export { runCommand } from "./run-command";
