import { existsSync } from "node:fs";
import { join } from "node:path";
import { LaptopProcess } from "./cloud/laptop-process";

/** Starts the laptop once in a fresh checkout. Otherwise all of mocha's workers would transpile and bundle the same files at the same time. */
const mochaGlobalSetup = async () => {
  if (existsSync(join(__dirname, "../dist/bundles"))) return;
  const laptop = await LaptopProcess.create();
  try {
    await laptop.start();
  } finally {
    await laptop.remove();
  }
};

export { mochaGlobalSetup };
