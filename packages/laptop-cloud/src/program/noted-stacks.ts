import { join } from "node:path";

/** Where Pulumi notes a stack trace with each promise, in case one is left hanging. */
const noting = join("@pulumi", "pulumi", "runtime", "debuggable.js");

/**
 * Leaves the stack traces that Pulumi notes as V8 gives them, while a program runs; all others lead to the sources as ever.
 *
 * It notes thousands of them, and finding the source line of each frame took a quarter of the laptop cloud's start. Nobody reads them but
 * where a promise hangs. Returns the way to undo it.
 */
const leaveNotedStacks = (): (() => void) => {
  const { prepareStackTrace } = Error;
  // Where nothing maps them, they are as V8 gives them.
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
