import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations";
import { resources } from "./resources";
import { Containers } from "./store";

/** Amazon ECS on Fargate: each task is a Node process of this machine, in the folder that its image is built from. */
const ecs: ServiceDefinition = {
  name: "ecs",
  wire: { protocol: "aws-json", version: "1.1", target: "AmazonEC2ContainerServiceV20141113" },
  resources,
  create: cloud => {
    const containers = new Containers(cloud);
    return {
      start: async () => containers.load(),
      resume: () => containers.run(),
      stop: () => containers.stop(),
      operations: createOperations(containers),
    };
  },
};

export { ecs };
