import { join } from "node:path";

const isBin = require.main?.filename === join(__dirname, "../bin.js");

/** The command that starts the laptop cloud, with these options, as messages quote it. */
const commandWith = (...options: string[]): string => {
  const command = isBin ? ["npx @slack-fanout/laptop-cloud"] : ["npm start", ...(options.length === 0 ? [] : ["--"])];
  return [...command, ...options].join(" ");
};

export { commandWith };
