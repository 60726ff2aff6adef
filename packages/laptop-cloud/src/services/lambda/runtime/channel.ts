import { writeSync } from "node:fs";
import type { FromRuntime } from "./protocol";

/** The file descriptor of the pipe, after stdin, stdout, stderr and the fork's channel (3). */
const CHANNEL_FD = 4;

/**
 * Sends the cloud a message, as one line of JSON.
 *
 * It writes synchronously, so that a crash or `process.exit()` loses nothing, and results never overtake log lines.
 */
const send = (message: FromRuntime) => {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length; ) written += writeSync(CHANNEL_FD, bytes, written);
};

export { send };
