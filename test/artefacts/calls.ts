/** The calls of all functions, one file of `calls/` for each group of them. `npm run new` adds files there. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { LaptopProcess } from "../cloud/laptop-process";

/** What a call needs: the laptop cloud, once it has started, and a way to call a function as Lambda would. */
interface Artefacts {
  laptop: () => LaptopProcess;
  call: (name: string, event: unknown) => Promise<unknown>;
}

/** One call for each function, by the function's name. It shows that the function works. */
type Calls = Record<string, () => Promise<void>>;

type CreateCalls = (artefacts: Artefacts) => Calls;

/** The answer of a door. */
interface Answer {
  statusCode: number;
  body: string;
}

const folder = join(__dirname, "calls");

/** Creates the calls of all files. Throws if two files call the same function. */
const createAllCalls: CreateCalls = artefacts => {
  const all: Calls = {};
  for (const file of readdirSync(folder).sort()) {
    const { createCalls } = require(join(folder, file)) as { createCalls: CreateCalls };
    for (const [name, check] of Object.entries(createCalls(artefacts))) {
      if (Object.hasOwn(all, name)) throw new Error(`calls/${file} calls ${name}, which another file calls already.`);
      all[name] = check;
    }
  }
  return all;
};

export type { Answer, Artefacts, CreateCalls };
export { createAllCalls };
