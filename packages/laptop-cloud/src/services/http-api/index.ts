import type { ServiceDefinition } from "../../kernel/service";
import { readHttpApis } from "./api";
import { Gateway } from "./gateway";
import { createOperations } from "./operations";
import { routes } from "./operations/routes";
import { resources } from "./resources";
import { readRestApis } from "./rest-api";

/** Amazon API Gateway: the HTTP and REST APIs that the program declares, served on the page's port. Its AWS operations only read HTTP APIs. */
const httpApi: ServiceDefinition = {
  name: "apigateway",
  wire: { protocol: "rest", routes },
  resources,
  create: cloud => {
    let unmounts: (() => void)[] = [];
    return {
      start: async () => {
        unmounts = [...readHttpApis(cloud.inventory, cloud.place), ...readRestApis(cloud.inventory, cloud.place)].map(api => {
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
