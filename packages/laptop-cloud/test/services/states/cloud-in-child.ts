/**
 * A laptop cloud with one state machine, in a process that a test can kill. Its functions append their names to a file, the one
 * called `hang` on the first of them never answers.
 */
import { appendFileSync } from "node:fs";
import { startMachine } from "./machine";

const [directory, definition, calls, hanging] = process.argv.slice(2) as [string, string, string, string];

const note =
  (name: string) =>
  async (payload: unknown): Promise<unknown> => {
    appendFileSync(calls, `${name} ${JSON.stringify(payload)}\n`);
    return hanging === "hang" && name === "second" ? new Promise(() => {}) : payload;
  };

startMachine(JSON.parse(definition), { functions: { first: note("first"), second: note("second"), third: note("third") }, directory }).then(
  ({ client }) => process.send!(client),
  error => {
    console.error(error);
    process.exitCode = 1;
  },
);
