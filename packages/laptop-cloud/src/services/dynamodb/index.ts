import type { ServiceDefinition } from "../../kernel/service";
import { createEngine } from "./engine";
import { Expiry } from "./expiry";
import { OpenCalls } from "./open-calls";
import { createOperations } from "./operations";
import { reconcile } from "./reconcile";
import { resources } from "./resources";

/** Amazon DynamoDB: dynalite's parsers and actions on our own store, with transactions, expiry and conditions. */
const dynamodb: ServiceDefinition = {
  name: "dynamodb",
  wire: { protocol: "aws-json", version: "1.0", target: "DynamoDB_20120810" },
  resources,
  create: cloud => {
    const engine = createEngine(cloud);
    const expiry = new Expiry(engine, cloud);
    const calls = new OpenCalls();
    return {
      start: async () => {
        await engine.database.open();
        await engine.tables.load();
        await engine.tokens.load();
        await reconcile(engine, cloud.inventory);
      },
      resume: async () => expiry.start(),
      stop: async () => {
        calls.refuseMore();
        engine.database.giveUp();
        await expiry.stop();
        await calls.ended();
        await engine.database.close();
      },
      operations: createOperations(engine, calls),
    };
  },
};

export { dynamodb };
