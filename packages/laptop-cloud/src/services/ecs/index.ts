import type { ServiceDefinition } from "../../kernel/service";
import { createOperations } from "./operations/index";
import { resources } from "./resources";
import { Containers } from "./store";

/** ECS on Fargate: container services as processes of this machine's Node, one a task, in the folders that their images are built from. */
const ecs: ServiceDefinition = {
  name: "ecs",
  resources,
  wire: { protocol: "aws-json", version: "1.1", target: "AmazonEC2ContainerServiceV20141113" },
  create: cloud => {
    const containers = new Containers(cloud);
    return {
      start: async () => containers.load(),
      resume: () => containers.run(),
      stop: () => containers.stop(),
      operations: createOperations(cloud, containers),
    };
  },
};

export { ecs };
