/** A killable laptop cloud with one state machine. Its functions append their names to a file; with `hang`, `second` never answers. */
import { appendFileSync } from "node:fs";
import { reportStart } from "@slack-fanout/laptop-cloud/testing";
import { startMachine } from "./machine";

const [directory, definition, calls, hanging] = process.argv.slice(2) as [string, string, string, string];

const note =
  (name: string) =>
  async (payload: unknown): Promise<unknown> => {
    appendFileSync(calls, `${name} ${JSON.stringify(payload)}\n`);
    return hanging === "hang" && name === "second" ? new Promise(() => {}) : payload;
  };

const functions = { first: note("first"), second: note("second"), third: note("third") };

reportStart(startMachine(JSON.parse(definition), { functions, directory }).then(({ client }) => client));
