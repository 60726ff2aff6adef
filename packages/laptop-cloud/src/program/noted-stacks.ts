import { join } from "node:path";

/** The module in which Pulumi records a stack trace for each promise, in case one never settles. */
const noting = join("@pulumi", "pulumi", "runtime", "debuggable.js");

/**
 * Skips source maps for the stack traces that Pulumi records while a program runs. Returns a function that undoes this.
 *
 * Pulumi records thousands of them, and mapping each frame took a quarter of the laptop cloud's start. They are read only if a promise
 * never settles.
 */
const leaveNotedStacks = (): (() => void) => {
  const { prepareStackTrace } = Error;
  // Without source maps there is nothing to skip.
  if (prepareStackTrace === undefined) return () => {};
  Error.prepareStackTrace = (error, frames) =>
    frames[0]?.getFileName()?.endsWith(noting)
      ? [error, ...frames.map(frame => `    at ${frame}`)].join("\n")
      : prepareStackTrace(error, frames);
  return () => {
    Error.prepareStackTrace = prepareStackTrace;
  };
};

export { leaveNotedStacks };
