import { join } from "node:path";
import { buildChildProgram } from "../../kernel/child-program";
import type { ServiceDefinition } from "../../kernel/service";
import { EventQueue } from "./event-queue";
import { Fleet } from "./fleet";
import { Invoker } from "./invoker";
import { createOperations } from "./operations";
import { routes } from "./operations/routes";
import { QueuePollers } from "./queue-pollers";
import { resources } from "./resources";
import { Functions } from "./store";

/** AWS Lambda: functions in processes of their own, on this machine's Node. */
const lambda: ServiceDefinition = {
  name: "lambda",
  wire: { protocol: "rest", routes },
  resources,
  create: cloud => {
    const state = cloud.state("lambda");
    const directory = join(cloud.directory, "functions");
    const bootstrap = buildChildProgram(require.resolve("./runtime/bootstrap"), join(directory, ".bootstrap"));
    const fleet: Fleet = new Fleet(cloud, bootstrap, name => functions.get(name));
    const functions = new Functions(cloud, state, directory, name => fleet.retire(name));
    const invoker = new Invoker(cloud, fleet);
    const queue = new EventQueue(cloud, state, functions, invoker);
    const pollers = new QueuePollers(cloud, state, functions, invoker);
    return {
      start: () => functions.load(),
      resume: async () => {
        const [first] = functions.all();
        if (first !== undefined) fleet.prepare(first.configuration.memoryMb);
        const debugged = functions.all().find(({ configuration }) => configuration.label === cloud.inspection?.name);
        if (debugged !== undefined) fleet.debug(debugged);
        await queue.resume();
        await pollers.resume();
      },
      update: async () => {
        await functions.update();
        await pollers.update();
      },
      stop: async () => {
        pollers.stop();
        await fleet.stop();
      },
      operations: createOperations({ cloud, functions, invoker, queue, pollers }),
    };
  },
};

export { lambda };
