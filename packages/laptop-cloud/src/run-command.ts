import type { Laptop } from "./laptop";
import { PROGRAM_VARIABLE } from "./program/program-process";

/**
 * Starts a laptop as its command line says. The process that runs the program has the same main module: it loads Pulumi and no services, and
 * the laptop's own process loads services and no Pulumi.
 */
const runCommand = (laptop: Laptop = {}) => {
  if (process.env[PROGRAM_VARIABLE] === undefined) {
    const { startFromCommandLine } = require("./command") as typeof import("./command");
    startFromCommandLine(laptop);
  } else {
    const { serveProgram } = require("./program/serve") as typeof import("./program/serve");
    serveProgram(laptop.code);
  }
};

export { runCommand };
