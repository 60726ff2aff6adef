import type { ServiceDefinition } from "../../kernel/service";
import { readApis } from "./api";
import { Gateway } from "./gateway";
import { createOperations, routes } from "./operations";
import { resources } from "./resources";

/** API Gateway's HTTP APIs, served on the page's server. APIs come from the program; the AWS endpoint only reads them. */
const httpApi: ServiceDefinition = {
  name: "apigateway",
  wire: { protocol: "rest", routes },
  resources,
  create: cloud => ({
    start: async () => {
      for (const api of readApis(cloud.inventory, cloud.place)) {
        const gateway = new Gateway(cloud, api);
        cloud.mount(api.mount, (request, response) => gateway.handle(request, response));
      }
    },
    stop: async () => {},
    operations: createOperations(cloud),
  }),
};

export { httpApi };
