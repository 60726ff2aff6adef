import type { ServiceDefinition } from "../../kernel/service";
import { readApis } from "./api";
import { Gateway } from "./gateway";
import { createOperations } from "./operations";
import { routes } from "./operations/routes";
import { resources } from "./resources";

/** Amazon API Gateway: the HTTP APIs that the program declares, served on the page's port. Its AWS operations only read them. */
const httpApi: ServiceDefinition = {
  name: "apigateway",
  wire: { protocol: "rest", routes },
  resources,
  create: cloud => {
    let unmounts: (() => void)[] = [];
    return {
      start: async () => {
        unmounts = readApis(cloud.inventory, cloud.place).map(api => {
          const gateway = new Gateway(cloud, api);
          return cloud.mount(api.mount, (request, response) => gateway.handle(request, response));
        });
      },
      stop: async () => {
        for (const unmount of unmounts) unmount();
      },
      operations: createOperations(cloud),
    };
  },
};

export { httpApi };
