import type { Cloud, Service } from "../../../kernel/service";
import { getApi, getApis, getIntegrations, getRoutes, getStages } from "./apis";

/** The operations by the names that AWS gives them. Each behaves as its page; differs: lists have one page, and nothing can be changed. */
const createOperations = (cloud: Cloud): Service["operations"] => ({
  GetApis: getApis(cloud),
  GetApi: getApi(cloud),
  GetRoutes: getRoutes(cloud),
  GetIntegrations: getIntegrations(cloud),
  GetStages: getStages(cloud),
});

export { createOperations };
